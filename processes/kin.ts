import { setTimeout as delay } from "node:timers/promises";
import { killNow } from "./ending.ts";
import { allProcesses, carries, type Process, processOf } from "./table.ts";

const PASSES = 400;
const BETWEEN_PASSES_MS = 5;

/**
 * A process and all that it has started, as far as that can be known: what carries its marker in the
 * environment, what is in the session or group that it leads, and whatever descends from these at the moment of
 * a look. What was seen once is known for good.
 *
 * Not known is a process that dropped its environment, left session and group *and* lost its parents, all
 * between two looks; and nothing but the group where the system has no `/proc`.
 */
export class Kin {
  readonly #leader: number;
  readonly #entry: string;
  /** When each that was seen began. */
  readonly #known = new Map<number, string>();

  /** @param entry the environment entry that marks them, as in {@link carries} */
  constructor(leader: number, entry: string) {
    this.#leader = leader;
    this.#entry = entry;
    this.#see(processOf(leader));
  }

  /** Sees who belongs to it now. Before its leader is ended, since with it the descent of others is lost. */
  look(): void {
    const all = allProcesses();
    const children = Map.groupBy(all, ({ parent }) => parent);
    // What is found is visited in turn, with its children.
    const found = new Set(all.filter((process) => this.#isOwn(process)));
    for (const process of found) {
      this.#see(process);
      for (const child of children.get(process.pid) ?? []) found.add(child);
    }
  }

  /** Kills all that is known but this process itself, without waiting for the end of any. */
  kill(): void {
    for (const { pid } of this.#left()) killNow(pid);
  }

  /**
   * Kills all that belongs to it, and looks again until nothing does: what was found may have forked before it
   * died, and the kernel tells nobody when another's child ends.
   *
   * @throws if some don't end
   */
  async end(): Promise<void> {
    for (let pass = 0; pass < PASSES; pass++) {
      this.look();
      if (this.#left().length === 0) return;
      this.kill();
      await delay(BETWEEN_PASSES_MS);
    }
    const left = this.#left().map(({ pid }) => pid);
    throw new Error(`processes ${left.join(", ")} don't end on SIGKILL`);
  }

  /** The same for a process that is about to exit: it can't wait, so it goes on while it finds new ones. */
  endNow(): void {
    for (let before = -1; before < this.#known.size;) {
      before = this.#known.size;
      this.look();
      this.kill();
    }
  }

  #see(process: Process | null): void {
    if (process !== null) this.#known.set(process.pid, process.beginning);
  }

  #isOwn(one: Process): boolean {
    return (
      this.#known.get(one.pid) === one.beginning ||
      one.session === this.#leader ||
      one.group === this.#leader ||
      carries(one.pid, this.#entry)
    );
  }

  #left(): Process[] {
    return [...this.#known]
      .map(([pid, beginning]) => ({ now: processOf(pid), beginning }))
      .flatMap(({ now, beginning }) => (now !== null && now.beginning === beginning ? [now] : []))
      .filter(({ pid, isOver }) => !isOver && pid !== process.pid);
  }
}
