/** Doubling waits between a base and a maximum, in ms. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** How long to wait after the failure number `failures` (0 is the first). */
export const backoffMs = (failures: number, { baseMs, maxMs }: Backoff): number =>
  Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30));
