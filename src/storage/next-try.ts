import { backoffMs } from "../lifecycle/backoff.ts";

/** From a minute to an hour, less what {@link nextTry} adds. */
const APART = { baseMs: 60_000, maxMs: 3_598_000 };
const LONGEST = 6;
const SECOND_MS = 1000;

/**
 * When the alarm of a room that can't be opened rings next: its only write, so how often it has rung in
 * vain is kept in the alarm itself, as the milliseconds beyond a whole second. An alarm of another kind
 * that happens to have such milliseconds begins with a longer wait.
 *
 * @param rang the time for which the alarm was set that rings now; `undefined`: not known
 */
export const nextTry = (rang: number | undefined, now: number): number => {
  const known = (rang ?? 0) % SECOND_MS;
  const failures = known <= LONGEST + 1 ? known : 0;
  const at = now + backoffMs(failures, APART);
  return Math.ceil(at / SECOND_MS) * SECOND_MS + Math.min(failures, LONGEST) + 1;
};
