import type { Agent, AgentStatus } from "../../protocol/agent.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import { readPage } from "../../paging.ts";
import { first, type Sql } from "../../sql.ts";
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

/** A row, and its place on the roster. */
interface PlacedAgentRow extends AgentRow {
  place: number;
}

const LISTING = { name: "agents", place: ["place"], itemOf: agentOf } as const;

/** Agents whose room has been founded: a page may open a socket to each, but to those that have ended. */
export const listAgents = (sql: Sql, query: PageQuery<AgentStatus>): Page<Agent> =>
  query.status === null
    ? readPage<PlacedAgentRow, Agent>(
        sql,
        {
          ...LISTING,
          statement: `SELECT *, rowid AS place FROM agents
            WHERE founded = 1 AND status <> 'ended' AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
        },
        query,
      )
    : readPage<PlacedAgentRow, Agent>(
        sql,
        {
          ...LISTING,
          statement: `SELECT *, rowid AS place FROM agents
            WHERE founded = 1 AND status = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
          binds: [query.status],
        },
        query,
      );

/** How many agents of each status a first frame holds: all that can be at work at once, and the newest of the others. */
const SHOWN: Readonly<Record<Exclude<AgentStatus, "ended">, number>> = {
  working: 25,
  waiting: 2,
  failed: 5,
  idle: 5,
};

/** What a first frame holds of the agents, in the order in which they came: the mayor, who is at work, and some of the rest. */
export const shownAgents = (sql: Sql): Agent[] => {
  const mayor = sql.all<PlacedAgentRow>(
    "SELECT *, rowid AS place FROM agents WHERE name = 'mayor' AND founded = 1",
  );
  const newest = Object.entries(SHOWN).flatMap(([status, many]) =>
    sql.all<PlacedAgentRow>(
      `SELECT *, rowid AS place FROM agents
       WHERE status = ? AND founded = 1 ORDER BY rowid DESC LIMIT ?`,
      status,
      many,
    ),
  );
  const rows = new Map([...mayor, ...newest].map((row) => [row.name, row]));
  return [...rows.values()].toSorted((a, b) => a.place - b.place).map(agentOf);
};

/** Up to so many agents that changed after a stamp. */
export const agentsSince = (sql: Sql, seq: number, limit: number): Agent[] =>
  sql
    .all<AgentRow>("SELECT * FROM agents WHERE seq > ? AND founded = 1 ORDER BY seq LIMIT ?", seq, limit)
    .map(agentOf);

/** How many are at work. */
export const working = part(
  "SELECT COUNT(*) AS n FROM agents WHERE status = 'working'",
  ["agents"],
  (sql, statement) => first<{ n: number }>(sql, statement)?.n ?? 0,
);
