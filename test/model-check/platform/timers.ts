import type { Due, Scheduler } from "../scheduler.ts";
import type { Caller } from "./caller.ts";

interface Timer extends Due {
  readonly owner: Caller;
}

/** `setTimeout` by the virtual clock. A timer belongs to whoever set it, and is lost with it. */
export class Timers {
  readonly #scheduler: Scheduler;
  readonly #timers = new Map<number, Timer>();
  #last = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  set(work: () => void, ms: number): number {
    const owner = this.#scheduler.current;
    if (owner === null) throw new Error("a timer is set, and nobody's code runs");
    const id = ++this.#last;
    const at = this.#scheduler.now + ms;
    const timer: Timer = {
      label: `timer of ${owner.label} (${ms} ms)`,
      owner,
      dueAt: () => (owner.isGated() ? null : at),
      run: () => {
        this.clear(id);
        this.#scheduler.current = owner;
        try {
          work();
        } catch {
          // An abort ends what runs by throwing.
        }
      },
    };
    this.#timers.set(id, timer);
    this.#scheduler.dues.add(timer);
    return id;
  }

  clear(id: number): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) return;
    this.#timers.delete(id);
    this.#scheduler.dues.delete(timer);
  }

  forget(owner: Caller): void {
    for (const [id, timer] of this.#timers) if (timer.owner === owner) this.clear(id);
  }
}
