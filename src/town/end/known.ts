import { first, type Kv, type Sql } from "../../sql.ts";
import { ifThere } from "../../storage/tables.ts";
import { readContainer } from "../tx.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import type { Receipt } from "../../protocol/receipt.ts";

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

/** The steps of a town's end, in their order. */
export const TOWN_STEPS = ["sockets", "container", "children"] as const;
export type TownStep = (typeof TOWN_STEPS)[number];

/** What a town's receipt says beyond what every room's says. */
export type TownTold = Pick<Receipt, "agents" | "containerExit" | "branches">;

/** Of a town that never lived. */
export const NOTHING_TOLD: TownTold = { agents: 0, containerExit: null, branches: [] };

/** How its container ended, kept for the receipt. */
const EXIT = "container-exit";

export const keepExit = (kv: Kv, exit: string): void => kv.put(EXIT, exit);

export const toldOf = (sql: Sql, kv: Kv): TownTold => {
  const { agents, branches } = endOfTown(sql, kv);
  return { agents, branches, containerExit: kv.get<string>(EXIT) ?? null };
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
