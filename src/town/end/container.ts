import { withDeadline } from "../../deadline.ts";
import { NOT_RUNNING, type ContainerTruth } from "../../rooms/container.ts";
import type { Kv, Sql } from "../../sql.ts";
import { awaitPurge, STILL_RUNS } from "../container/purged.ts";
import { endOfTown, keepExit } from "./known.ts";

/** What the end of a dying town's container needs. */
export interface ContainerEndPorts {
  readonly sql: Sql;
  readonly kv: Kv;
  /** SIGKILL, and the truth after it. */
  kill(life: number): Promise<ContainerTruth>;
  /** Never answers where it succeeds. */
  purge(): Promise<void>;
  /** Whether the town is still dying: a try that was given up may end when only the tombstone is left. */
  isDying(): boolean;
}

const DEADLINE_MS = 25_000;

/**
 * Kills a town's container, sees that it doesn't run, and has its object forget it for good.
 *
 * @returns how it ended
 * @throws what went wrong; then it is tried again, which is harmless
 */
export const endContainer = async (ports: ContainerEndPorts): Promise<string> => {
  const { life, exit } = endOfTown(ports.sql, ports.kv);
  // Never addressed: addressing it now would only leave a trace.
  if (life === 0) return "never started";
  const truth = await withDeadline(ports.kill(life), DEADLINE_MS);
  if (truth.running) throw new Error(STILL_RUNS);
  await awaitPurge(withDeadline(ports.purge(), DEADLINE_MS));
  const detail = truth.reason === NOT_RUNNING ? (exit ?? truth.reason) : truth.reason;
  if (ports.isDying()) keepExit(ports.kv, detail);
  return detail;
};
