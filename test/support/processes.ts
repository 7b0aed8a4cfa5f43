import { readFileSync } from "node:fs";
import { processesWith } from "../../processes/table.ts";

/** A live process, as a failed assertion should show it. */
export interface Running {
  readonly pid: number;
  readonly command: string;
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
};

/** Whether the process leads a process group: not what it has just forked. */
export const leadsGroup = ({ pid }: Running): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2] === String(pid);
  } catch {
    return false;
  }
};

/** The live processes that were started with `name=value` in their environment. */
export const runningWith = (name: string, value: string): Running[] =>
  processesWith(`${name}=${value}\0`)
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, command: commandOf(pid) }));
