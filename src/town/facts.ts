import type { Config } from "../config.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { first, type Sql } from "../sql.ts";
import type { ContainerRecord, TownRecord } from "./record.ts";
import type { RunRow } from "./rows.ts";

/** Something that wants a run, and from when on. */
export type Job =
  | { readonly kind: "chat"; readonly message: string; readonly agent: AgentName; readonly at: number }
  | { readonly kind: "check"; readonly rig: string; readonly at: number }
  | { readonly kind: "merge"; readonly bead: number; readonly rig: string; readonly at: number }
  | { readonly kind: "work"; readonly bead: number; readonly rig: string; readonly at: number };

/** All that decisions are made from. Loading it is five indexed statements. */
export interface Facts {
  readonly container: ContainerRecord;
  readonly polecatCap: number;
  readonly runs: readonly OpenRun[];
  /** In the order in which they get their run. */
  readonly jobs: readonly Job[];
  readonly errandDueAt: number | null;
}

export type OpenRun = Pick<
  RunRow,
  "number" | "kind" | "state" | "agent" | "rig" | "bead" | "created_at" | "due_at"
>;

export type Timing = Pick<Config, "leaseMs" | "graceMs" | "lifeMaxMs" | "startDeadlineMs">;

export const FACT_STATEMENTS = {
  runs: `SELECT number, kind, state, agent, rig, bead, created_at, due_at FROM runs
         WHERE state <> 'ended' ORDER BY number`,
  checks: `SELECT name, retry_at FROM rigs WHERE state = 'checking' ORDER BY created_at`,
  messages: `SELECT id, agent, MIN(entry) AS entry, retry_at FROM messages GROUP BY agent`,
  beads: `SELECT b.number, b.rig, b.status, b.retry_at FROM beads b JOIN rigs r ON r.name = b.rig
          WHERE b.status IN ('open', 'in_review') AND b.held = 0 AND r.state = 'ready'
          ORDER BY b.number LIMIT 200`,
  errands: `SELECT due_at FROM errands ORDER BY due_at LIMIT 1`,
} as const;

export const loadFacts = (sql: Sql, town: TownRecord, container: ContainerRecord): Facts => {
  const jobs: Job[] = [];
  for (const row of sql.all<{ id: string; agent: AgentName; retry_at: number | null }>(
    FACT_STATEMENTS.messages,
  ))
    jobs.push({ kind: "chat", message: row.id, agent: row.agent, at: row.retry_at ?? 0 });
  for (const row of sql.all<{ name: string; retry_at: number | null }>(FACT_STATEMENTS.checks))
    jobs.push({ kind: "check", rig: row.name, at: row.retry_at ?? 0 });
  const beads = sql.all<{
    number: number;
    rig: string;
    status: "open" | "in_review";
    retry_at: number | null;
  }>(FACT_STATEMENTS.beads);
  // What is nearly done comes first.
  for (const status of ["in_review", "open"] as const)
    for (const row of beads)
      if (row.status === status)
        jobs.push({
          kind: status === "open" ? "work" : "merge",
          bead: row.number,
          rig: row.rig,
          at: row.retry_at ?? 0,
        });
  return {
    container,
    polecatCap: town.polecatCap,
    runs: sql.all<OpenRun>(FACT_STATEMENTS.runs),
    jobs,
    errandDueAt: first<{ due_at: number }>(sql, FACT_STATEMENTS.errands)?.due_at ?? null,
  };
};
