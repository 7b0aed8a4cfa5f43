import { first, type Kv, type Sql } from "../sql.ts";
import { ifThere } from "../storage/tables.ts";
import { readContainer } from "./tx.ts";
import type { AgentName } from "../protocol/primitives.ts";

/**
 * What a dying town must know of itself: read from storage, since its domain is no longer alive, and from
 * the tables of any version, since it is never brought up to date.
 */
export interface TownEnd {
  /** 0: the container was never addressed. */
  readonly life: number;
  /** How its last life ended, if one did. */
  readonly exit: string | null;
  readonly agents: number;
  /** The first ones, if there are thousands. */
  readonly branches: { rig: string; branch: string }[];
}

/** More would not fit into a row with the receipt (2 MB), and the town could never end. */
const BRANCHES_TOLD = 5000;

export const endOfTown = (sql: Sql, kv: Kv): TownEnd => {
  const container = readContainer(kv);
  return {
    life: container.life,
    exit: container.lastExit?.reason ?? null,
    agents: ifThere(sql, "agents", 0, () => first<{ n: number }>(sql, "SELECT COUNT(*) AS n FROM agents")?.n),
    branches: ifThere(sql, "branches", [], () =>
      sql.all<{ rig: string; branch: string }>(
        "SELECT rig, branch FROM branches ORDER BY rig, branch LIMIT ?",
        BRANCHES_TOLD,
      ),
    ),
  };
};

export interface RosterEntry {
  readonly name: AgentName;
}

/** Agents that have not confirmed their end, retired ones included: the next ones after this name. */
export const rosterOf = (sql: Sql, after: string, limit: number): RosterEntry[] =>
  ifThere(sql, "agents", [], () =>
    sql.all<RosterEntry>(
      "SELECT name FROM agents WHERE status <> 'ended' AND name > ? ORDER BY name LIMIT ?",
      after,
      limit,
    ),
  );

/** An agent confirmed its end. */
export const strikeOff = (sql: Sql, name: AgentName): void =>
  sql.run("UPDATE agents SET status = 'ended' WHERE name = ?", name);
