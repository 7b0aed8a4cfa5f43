import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const read = (path: string): string | null => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // Ended meanwhile, or another user's.
  }
};

/** The start time in clock ticks since the boot, from `/proc/<pid>/stat`; the name before it may hold anything. */
const ticks = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];

/**
 * When a process began, as a text that only makes sense to compare: with it a process id means the
 * same process for ever, without it the id may have been given again.
 *
 * @returns `null` if there is no such process
 */
export const beginningOf = (pid: number): string | null => {
  const boot = read("/proc/sys/kernel/random/boot_id");
  if (boot !== null) {
    const stat = read(`/proc/${pid}/stat`);
    return stat === null ? null : `${boot.trim()} ${ticks(stat)}`;
  }
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return stdout?.trim() || null;
};

/**
 * The live processes that were started with an environment entry that begins with `entry` (end it
 * with a NUL to mean the whole entry). None where the system has no `/proc`.
 */
export const processesWith = (entry: string): number[] => {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => `\0${read(`/proc/${pid}/environ`) ?? ""}`.includes(`\0${entry}`))
    .map(Number);
};
