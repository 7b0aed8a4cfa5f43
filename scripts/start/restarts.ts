const WINDOW_MS = 60_000;
const MOST = 5;

/**
 * What to do after a death of the runtime.
 *
 * @param deaths when it died, oldest first, the last one included
 * @returns milliseconds to wait before the next start, doubling with each death of the last minute;
 *   `null`: it dies too often, give up
 */
export const restartAfter = (deaths: readonly number[]): number | null => {
  const last = deaths.at(-1) ?? 0;
  const recent = deaths.filter((at) => last - at < WINDOW_MS).length;
  if (recent > MOST) return null;
  return recent <= 1 ? 0 : 250 * 2 ** (recent - 2);
};
