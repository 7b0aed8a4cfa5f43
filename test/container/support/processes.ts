import { readFileSync } from "node:fs";
import { processesWith } from "../../../processes/table.ts";

/** Whether a process still runs; one that only waits for its parent to notice its end does not. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
};

/** The processes that were started with this variable. */
export const startedWith = (name: string, value: string): number[] =>
  processesWith(`${name}=${value}\0`).filter(isRunning);
