/** A timer that wasn't seen for so many turns was lost with its object. */
const LOST_AFTER_TURNS = 25;

interface Timer {
  readonly at: number;
  /** The turn in which its object was last seen. */
  seen: number;
  isOver: boolean;
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
  readonly #timers = new Set<Timer>();
  #turns = 0;

  constructor(now: number) {
    this.now = now;
  }

  install(): void {
    const now = (): number => this.now;
    const RealDate = this.#real.Date;
    class SimulatedDate extends RealDate {
      constructor(...given: [] | [number]) {
        super(given.length === 0 ? now() : given[0]);
      }
      static override now(): number {
        return now();
      }
    }
    Object.assign(globalThis, {
      Date: SimulatedDate,
      setTimeout: (run: () => void, ms = 0) => this.#add(run, ms),
      clearTimeout: (timer: Timer | undefined) => this.#end(timer),
    });
  }

  /** Gives the isolate its own clock back. What still waits for this one waits for nothing. */
  uninstall(): void {
    for (const timer of this.#timers) this.#end(timer);
    Object.assign(globalThis, this.#real);
  }

  /** A turn of the real event loop. */
  turn(): Promise<void> {
    this.#turns += 1;
    return new Promise((resolve) => void this.#real.setTimeout(resolve, 0));
  }

  /** When the next timer is due. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers)
      if (this.#turns - timer.seen > LOST_AFTER_TURNS) this.#timers.delete(timer);
      else next = Math.min(next, timer.at);
    return next;
  }

  goTo(at: number): void {
    this.now = Math.max(this.now, at);
  }

  /** Looks at the time by itself: workerd lets a callback run only in the object whose timer it is. */
  #add(run: () => void, ms: number): Timer {
    const timer = { at: this.now + ms, seen: this.#turns, isOver: false };
    this.#timers.add(timer);
    const look = (): void => {
      if (timer.isOver) return;
      timer.seen = this.#turns;
      if (this.now < timer.at) return void this.#real.setTimeout(look, 0);
      this.#end(timer);
      run();
    };
    this.#real.setTimeout(look, 0);
    return timer;
  }

  #end(timer: Timer | undefined): void {
    if (timer === undefined) return;
    timer.isOver = true;
    this.#timers.delete(timer);
  }
}
