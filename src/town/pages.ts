import { deltaFrame, snapshotFrame } from "./frames.ts";
import type { TownPorts } from "./ports.ts";
import type { Changes } from "./tx.ts";
import { townView, type Seen } from "./view.ts";

/** Tells the pages that watch a town what a transaction has changed. */
export class Pages {
  readonly #viewers: TownPorts["viewers"];
  /** The town's own view as all pages have it, as JSON; `null`: one of them may have another. */
  #told: string | null = null;

  constructor(viewers: TownPorts["viewers"]) {
    this.#viewers = viewers;
  }

  /** The first frame of a page. */
  greet(seen: Seen, after: number | null): string {
    this.#told = null;
    return JSON.stringify(snapshotFrame(seen, after));
  }

  publish(changes: Changes, see: () => Seen): void {
    if (!this.#viewers.any()) {
      this.#told = null;
      return;
    }
    const seen = see();
    const town = townView(seen);
    // Its counter grows with every change of anything; by itself that is nothing to tell.
    const told = JSON.stringify({ ...town, seq: 0 });
    const isNews = told !== this.#told;
    if (!isNews && changes.rows.size === 0) return;
    this.#told = told;
    this.#viewers.send(JSON.stringify(deltaFrame(seen, changes, isNews ? town : null)));
  }
}
