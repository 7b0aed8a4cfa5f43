import type { Page, PageQuery } from "../../protocol/page.ts";
import type { Run, RunState } from "../../protocol/run.ts";
import { readPage } from "../../paging.ts";
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

/** A bead's runs. */
export const listRunsOf = (sql: Sql, bead: number, { status, ...query }: PageQuery<RunState>): Page<Run> =>
  readPage<RunRow, Run>(
    sql,
    {
      name: "runs",
      // A bead has few runs: of which state they are is looked at row by row.
      statement: `SELECT * FROM runs
        WHERE (?1 IS NULL OR state = ?1) AND bead = ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4`,
      binds: [status, bead],
      place: ["number"],
      itemOf: runOf,
    },
    query,
  );
