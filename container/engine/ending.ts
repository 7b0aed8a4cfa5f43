import { setTimeout as delay } from "node:timers/promises";
import { MARKER } from "./environment.ts";
import { processesWith } from "./process-table.ts";

const PASSES = 400;
const BETWEEN_PASSES_MS = 5;

const killNow = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended, which is what was wanted. (A group of zombies answers EPERM on macOS.)
  }
};

/** Ends a process group at once. */
export const endGroup = (leader: number): void => killNow(-leader);

/**
 * Ends every process that carries the marker, also those that left their group with `setsid`. The
 * kernel tells nobody when another's child ends, so this looks again until a look finds none: what
 * was found may have forked before it died, too.
 *
 * @param marker one container's marker, or with `"all of engine"` the beginning of many
 * @throws if some can't be ended
 */
export const endMarked = async (marker: string, extent: "one container" | "all of engine"): Promise<void> => {
  const entry = `${MARKER}=${marker}${extent === "one container" ? "\0" : ""}`;
  let found = processesWith(entry);
  for (let pass = 0; found.length > 0; pass++) {
    if (pass === PASSES) throw new Error(`processes ${found.join(", ")} don't end on SIGKILL`);
    found.forEach(killNow);
    await delay(BETWEEN_PASSES_MS);
    found = processesWith(entry);
  }
};
