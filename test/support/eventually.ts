import { setTimeout as delay } from "node:timers/promises";
import { PATIENCE_MS } from "./patience.ts";

const EVERY_MS = 20;

/**
 * Waits until a look gives what is wanted, for the few things that nobody tells: the end of a process
 * that isn't one's child, a file of another process. What can be awaited (a frame, an exit, a printed
 * line) is awaited instead.
 *
 * @param what what is waited for, for the error
 * @returns what the last look gave
 */
export const eventually = async <T>(
  what: string,
  look: () => T | Promise<T>,
  isWanted: (seen: Awaited<T>) => boolean,
): Promise<Awaited<T>> => {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (Date.now() > end) throw new Error(`Not seen in time: ${what}. Last: ${JSON.stringify(seen)}`);
    await delay(EVERY_MS);
  }
};
