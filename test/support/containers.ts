import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { processesWith } from "../../processes/table.ts";
import { shortId } from "../../engine/state-folder.ts";
import type { Curfew } from "./curfew.ts";
import { type Running, runningWith } from "./processes.ts";

/** The environment that a process was started with; empty if it has ended. */
export const environmentOf = (pid: number): ReadonlyMap<string, string> => {
  let text = "";
  try {
    text = readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // Ended meanwhile.
  }
  return new Map(
    text
      .split("\0")
      .filter(Boolean)
      .map((entry) => {
        const end = entry.indexOf("=");
        return [entry.slice(0, end), entry.slice(end + 1)] as const;
      }),
  );
};

/** The main processes of an instance's containers, as its engine has them on record. */
const mainProcesses = ({ state }: Curfew): number[] => {
  const records = join(state, "containers", "records");
  return readdirSync(records).flatMap((file) => {
    try {
      return (JSON.parse(readFileSync(join(records, file), "utf8")) as { pid: number }).pid;
    } catch {
      return []; // Ended, or not written to its end, at this moment.
    }
  });
};

/** Every process of every container of an instance. */
export const containerProcesses = ({ state }: Curfew): number[] =>
  processesWith(`CURFEW_CONTAINER=${shortId(join(state, "containers"))}-`);

/** A town's container as the machine sees it. */
export interface LiveContainer {
  /** The control server, which leads the process group. */
  readonly pid: number;
  /** Its working folder. */
  readonly folder: string;
  /** Every process of it, those that left the group included. */
  processes(): Running[];
  /** The agents' own processes, not what these have started. */
  agents(role: "mayor" | "polecat"): Running[];
  isGone(): boolean;
}

/** @throws Error if the town has no container now */
export const containerOf = (curfew: Curfew, town: string): LiveContainer => {
  const pid = mainProcesses(curfew).find((main) => environmentOf(main).get("CURFEW_TOWN") === town);
  if (pid === undefined) throw new Error(`${town} has no container`);
  const marker = environmentOf(pid).get("CURFEW_CONTAINER") ?? "";
  const folder = join(curfew.state, "containers", "work", marker.slice(marker.indexOf("-") + 1));
  const processes = (): Running[] => runningWith("CURFEW_CONTAINER", marker);
  return {
    pid,
    folder,
    processes,
    agents: (role) => processes().filter((one) => environmentOf(one.pid).get("CURFEW_ROLE") === role),
    isGone: () => processes().length === 0 && !existsSync(folder),
  };
};
