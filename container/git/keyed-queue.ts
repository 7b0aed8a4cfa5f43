import { orAborted } from "./abort.ts";

/** Jobs of one key run one after the other, in the order they came; different keys side by side. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** @throws the signal's reason if it is aborted while the job waits; then the job never runs */
  async run<T>(key: string, signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    // One that gave up waiting is over before those ahead of it, so it holds the place for both.
    const mine = before.then(() => over);
    this.#last.set(key, mine);
    void mine.then(() => this.#forget(key, mine));
    try {
      await orAborted(before, signal);
      signal.throwIfAborted();
      return await job();
    } finally {
      end();
    }
  }

  #forget(key: string, last: Promise<void>): boolean {
    return this.#last.get(key) === last && this.#last.delete(key);
  }
}
