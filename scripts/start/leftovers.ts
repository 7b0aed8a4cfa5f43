import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { processesWith } from "../../processes/table.ts";
import { Failure } from "./failure.ts";

/** In the environment of every process that serves a state folder: the folder's real path. */
export const MARK = "CURFEW_INSTANCE";

const LOOKS = 1000;
const BETWEEN_LOOKS_MS = 5;

/**
 * Whether a process has let go of everything. One that is being killed loses its environment first and
 * its open files, ports among them, later; a zombie has neither.
 */
const isOver = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return "ZX".includes(stat.charAt(stat.lastIndexOf(")") + 2));
  } catch {
    return true;
  }
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
};

/**
 * Kills what an earlier start that was itself killed has left behind for a state folder. A mark in the
 * environment can't be lost, as a file with process ids can. The kernel tells nobody when another's
 * child has ended, so this looks until all have.
 *
 * @returns how many processes it were
 * @throws Failure if some don't end
 */
export const endLeftovers = async (stateFolder: string): Promise<number> => {
  const ending = new Set<number>();
  for (let look = 0; look < LOOKS; look++) {
    // Each time anew: what was found may have started another before it was killed.
    for (const pid of processesWith(`${MARK}=${stateFolder}\0`)) {
      if (pid !== process.pid) ending.add(pid);
    }
    const left = [...ending].filter((pid) => !isOver(pid));
    if (left.length === 0) return ending.size;
    left.forEach(kill);
    await delay(BETWEEN_LOOKS_MS);
  }
  throw new Failure(`Processes ${[...ending].join(", ")} of an earlier start don't end: end them first.`);
};
