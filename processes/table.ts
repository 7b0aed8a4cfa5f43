import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process, as `/proc/<pid>/stat` tells of it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** It has ended, and nobody has noticed yet. */
  readonly isOver: boolean;
  /** In clock ticks since the boot: with it the id means the same process, as long as the machine runs. */
  readonly beginning: string;
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // Ended meanwhile, or another user's.
  }
};

/** The process ids that there are; none where the system has no `/proc`. */
const ids = (): number[] => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
};

/** @returns `null` if there is no such process, or the system has no `/proc` */
export const processOf = (pid: number): Process | null => {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name before it may hold anything, a `)` too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent, group, session] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    isOver: "ZX".includes(state),
    beginning: fields[19] ?? "",
  };
};

/** All processes of the machine that can be seen from here. */
export const allProcesses = (): Process[] =>
  ids()
    .map(processOf)
    .filter((process) => process !== null);

/**
 * When a process began, as a text that only makes sense to compare: with it a process id means the
 * same process for ever, without it the id may have been given again.
 *
 * @returns `null` if there is no such process
 */
export const beginningOf = (pid: number): string | null => {
  const boot = read("/proc/sys/kernel/random/boot_id");
  if (boot !== null) {
    const process = processOf(pid);
    return process === null ? null : `${boot.trim()} ${process.beginning}`;
  }
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return stdout?.trim() || null;
};

/** Whether a process was started with an environment entry that begins with `entry`. */
export const carries = (pid: number, entry: string): boolean =>
  `\0${read(`/proc/${pid}/environ`) ?? ""}`.includes(`\0${entry}`);

/**
 * The live processes that were started with an environment entry that begins with `entry` (end it
 * with a NUL to mean the whole entry). None where the system has no `/proc`.
 */
export const processesWith = (entry: string): number[] => ids().filter((pid) => carries(pid, entry));
