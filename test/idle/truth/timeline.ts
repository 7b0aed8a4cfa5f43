interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** One turn of the event loop: everything that only waits for promises has then gone on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Virtual time: what is due happens in order, and all that follows from it before the next. */
export class Timeline {
  now: number;
  /** Called when something has happened, and all that followed from it at once. */
  onStep: () => void = () => {};
  #queue: Due[] = [];
  #jumps: { readonly at: number; readonly by: number }[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** What clocks show at a moment: somebody may have set them meanwhile. */
  wallAt(moment: number): number {
    return this.#jumps.reduce((wall, { at, by }) => (at <= moment ? wall + by : wall), moment);
  }

  get wall(): number {
    return this.wallAt(this.now);
  }

  /** Sets the clocks, forward or back. */
  setClocks(by: number): void {
    this.#jumps.push({ at: this.now, by });
  }

  /** @returns takes it back */
  after(ms: number, run: () => void): () => void {
    const due: Due = { at: this.now + Math.max(0, ms), run };
    const later = this.#queue.findIndex(({ at }) => at > due.at);
    this.#queue.splice(later === -1 ? this.#queue.length : later, 0, due);
    return () => {
      this.#queue = this.#queue.filter((other) => other !== due);
    };
  }

  /** Resolves after so much virtual time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Lets time pass up to `end`. */
  async until(end: number): Promise<void> {
    await this.#settle();
    for (;;) {
      const [due] = this.#queue;
      if (due === undefined || due.at > end) break;
      this.#queue.shift();
      this.now = Math.max(this.now, due.at);
      due.run();
      await this.#settle();
    }
    this.now = Math.max(this.now, end);
  }

  /** The machine sleeps: time passes and nothing happens; what was due is late. */
  skip(ms: number): void {
    this.now += ms;
  }

  async #settle(): Promise<void> {
    await turn();
    this.onStep();
  }
}
