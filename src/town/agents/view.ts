import type { Agent, AgentStatus } from "../../protocol/agent.ts";
import type { Sql } from "../../sql.ts";
import { first } from "../../sql.ts";
import { beadIdOrNull, runId } from "../ids.ts";
import { usageOf } from "../money/usage.ts";
import { part } from "../part.ts";
import type { AgentRow } from "./rows.ts";

export const agentOf = (row: AgentRow): Agent => ({
  name: row.name,
  role: row.role,
  status: row.status,
  reason: row.reason,
  bead: beadIdOrNull(row.bead),
  run: row.run === null ? null : runId(row.run),
  usage: usageOf(row),
  since: row.since,
  seq: row.seq,
});

/** Agents whose room has been founded: a page may open a socket to each. */
export const listAgents = (sql: Sql): Agent[] =>
  sql
    .all<AgentRow>("SELECT * FROM agents WHERE founded = 1 AND status <> 'ended' ORDER BY rowid")
    .map(agentOf);

/** (`+` keeps SQLite on the index of `seq`: few rows have changed, and sorting those is cheaper than reading all.) */
export const agentsSince = (sql: Sql, seq: number): Agent[] =>
  sql.all<AgentRow>("SELECT * FROM agents WHERE seq > ? AND founded = 1 ORDER BY +rowid", seq).map(agentOf);

export const countAgents = (sql: Sql): Partial<Record<AgentStatus, number>> =>
  Object.fromEntries(
    sql
      .all<{ status: AgentStatus; n: number }>(
        "SELECT status, COUNT(*) AS n FROM agents WHERE founded = 1 AND status <> 'ended' GROUP BY status",
      )
      .map(({ status, n }) => [status, n]),
  );

/** How many are at work. */
export const working = part(
  "SELECT COUNT(*) AS n FROM agents WHERE status = 'working'",
  ["agents"],
  (sql, statement) => first<{ n: number }>(sql, statement)?.n ?? 0,
);
