interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/**
 * The one clock of a simulation. Installed, it is what `Date` and `setTimeout` are for everything in this
 * isolate: the rooms, and the library that runs their containers. Alarms stay workerd's own: those that
 * are set for simulated times lie far in its future, and the simulation rings them.
 */
export class Clock {
  now: number;
  readonly #real = {
    Date,
    setTimeout: globalThis.setTimeout.bind(globalThis),
    clearTimeout: globalThis.clearTimeout.bind(globalThis),
  };
  #timers: Timer[] = [];

  constructor(now: number) {
    this.now = now;
  }

  install(): void {
    const clock = this;
    const RealDate = this.#real.Date;
    class SimulatedDate extends RealDate {
      constructor(...given: [] | [number]) {
        super(given.length === 0 ? clock.now : given[0]);
      }
      static override now(): number {
        return clock.now;
      }
    }
    Object.assign(globalThis, {
      Date: SimulatedDate,
      setTimeout: (run: () => void, ms = 0) => this.#add(run, ms),
      clearTimeout: (timer: Timer | undefined) => this.#remove(timer),
    });
  }

  uninstall(): void {
    Object.assign(globalThis, this.#real);
  }

  /** A turn of the real event loop. */
  turn(): Promise<void> {
    return new Promise((resolve) => void this.#real.setTimeout(resolve, 0));
  }

  /** When the next timer is due. */
  get next(): number {
    return Math.min(...this.#timers.map(({ at }) => at));
  }

  /** Goes to a time and runs the timers that are due then. */
  goTo(at: number): void {
    this.now = Math.max(this.now, at);
    const due = this.#timers.filter((timer) => timer.at <= this.now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.now);
    for (const { run } of due) run();
  }

  #add(run: () => void, ms: number): Timer {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return timer;
  }

  #remove(timer: Timer | undefined): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
