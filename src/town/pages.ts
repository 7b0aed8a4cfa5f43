import { deltaFrame } from "./frames.ts";
import type { TownPorts } from "./ports.ts";
import type { Changes } from "./tx.ts";
import type { Seen } from "./view.ts";

/** Tells the pages that watch a town what a transaction has changed. */
export class Pages {
  readonly #viewers: TownPorts["viewers"];
  /** Why and when the town wakes, as pages were last told it. */
  #wake: string | null = null;

  constructor(viewers: TownPorts["viewers"]) {
    this.#viewers = viewers;
  }

  publish(changes: Changes, see: () => Seen): void {
    if (!this.#viewers.any()) return;
    const seen = see();
    const wake = JSON.stringify(seen.wake);
    // The wake moves without anything else when a peer was told; pages must not show the old one.
    if (!changes.town && changes.rows.size === 0 && wake === this.#wake) return;
    this.#wake = wake;
    this.#viewers.send(JSON.stringify(deltaFrame(seen, changes)));
  }
}
