import type { AgentName } from "../../protocol/primitives.ts";
import type { Run } from "../../protocol/run.ts";
import type { UsageColumns, UsageDefaults } from "../money/usage.ts";
import { table } from "../table.ts";
import type { Tx } from "../tx.ts";

/** One job in the container. Its number is its fence. */
export interface RunRow extends UsageColumns {
  number: number;
  kind: Run["kind"];
  state: Run["state"];
  life: number;
  /** Of the control server that took it; `null` until one did. */
  boot: string | null;
  agent: AgentName | null;
  process: string | null;
  rig: string | null;
  bead: number | null;
  message: string | null;
  /** Why the agent said that nothing has to be changed. */
  no_change: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  due_at: number;
  /** 1: the container was asked to end it. */
  cancelling: number;
  outcome: string | null;
  reason: string | null;
}

export const RUNS = table<RunRow, "cancelling" | UsageDefaults>("town")("runs", "number");

/** The run if it is still open: not ended, so its fence counts. */
export const getOpenRun = (tx: Tx, number: number): RunRow | null => {
  const run = tx.get(RUNS, number);
  return run !== null && run.state !== "ended" ? run : null;
};

export const openRuns = (tx: Tx): RunRow[] =>
  tx.sql.all<RunRow>("SELECT * FROM runs WHERE state <> 'ended' ORDER BY number");
