/** Doubling waits between a base and a maximum, in ms. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** For what costs money, or somebody waits for: at most five minutes apart. */
export const OFTEN: Backoff = { baseMs: 1000, maxMs: 300_000 };
/** For what can wait as long as it was out of reach: once a day in the end, for each try wakes a room. */
export const SELDOM: Backoff = { baseMs: 1000, maxMs: 86_400_000 };

/** How long to wait after the failure number `failures` (0 is the first). */
export const backoffMs = (failures: number, { baseMs, maxMs }: Backoff): number =>
  Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
