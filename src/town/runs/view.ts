import type { Run } from "../../protocol/run.ts";
import type { Sql } from "../../sql.ts";
import { runId } from "../ids.ts";
import { usageOf } from "../money/usage.ts";
import type { RunRow } from "./rows.ts";

const runOf = (row: RunRow): Run => ({
  id: runId(row.number),
  kind: row.kind,
  state: row.state,
  agent: row.agent,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  outcome: row.outcome,
  reason: row.reason,
  usage: usageOf(row),
});

/** A bead's runs, oldest first. */
export const listRunsOf = (sql: Sql, bead: number): Run[] =>
  sql.all<RunRow>("SELECT * FROM runs WHERE bead = ? ORDER BY number", bead).map(runOf);
