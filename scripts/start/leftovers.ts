import { setTimeout as delay } from "node:timers/promises";
import { processesWith } from "../../container/engine/process-table.ts";
import { Failure } from "./failure.ts";

/** In the environment of every process that serves a state folder: the folder's real path. */
export const MARK = "CURFEW_INSTANCE";

const LOOKS = 400;
const BETWEEN_LOOKS_MS = 5;

/**
 * Kills what an earlier start that was itself killed has left behind for a state folder. A mark in the
 * environment can't be lost, as a file with process ids can. The kernel tells nobody when another's
 * child has ended and let go of its port, so this looks until nothing is found.
 *
 * @returns how many processes it were
 * @throws Failure if some don't end
 */
export const endLeftovers = async (stateFolder: string): Promise<number> => {
  const find = (): number[] => processesWith(`${MARK}=${stateFolder}\0`).filter((pid) => pid !== process.pid);
  const first = find();
  let found = first;
  for (let look = 0; found.length > 0; look++) {
    if (look === LOOKS)
      throw new Failure(`Processes ${found.join(", ")} of an earlier start don't end: end them.`);
    for (const pid of found) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself in between.
      }
    }
    await delay(BETWEEN_LOOKS_MS);
    found = find();
  }
  return first.length;
};
