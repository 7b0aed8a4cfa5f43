import { setTimeout as delay } from "node:timers/promises";
import { processesWith } from "./table.ts";

const PASSES = 400;
const BETWEEN_PASSES_MS = 5;

/** Ends a process at once; below zero, a process group. */
export const killNow = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended, which is what was wanted. (A group of zombies answers EPERM on macOS.)
  }
};

/** Ends a process group at once. */
export const endGroup = (leader: number): void => killNow(-leader);

/**
 * Ends every process whose environment has an entry that begins with `entry` (see `processesWith`),
 * also those that left their group with `setsid`. The kernel tells nobody when another's child ends,
 * so this looks again until a look finds none: what was found may have forked before it died, too.
 *
 * @throws if some can't be ended
 */
export const endMarked = async (entry: string): Promise<void> => {
  let found = processesWith(entry);
  for (let pass = 0; found.length > 0; pass++) {
    if (pass === PASSES) throw new Error(`processes ${found.join(", ")} don't end on SIGKILL`);
    found.forEach(killNow);
    await delay(BETWEEN_PASSES_MS);
    found = processesWith(entry);
  }
};
