import type { Activity } from "../protocol/activity.ts";
import type { Agent } from "../protocol/agent.ts";
import type { Bead } from "../protocol/bead.ts";
import type { TownFrame } from "../protocol/browser/town-frame.ts";
import type { Rig } from "../protocol/rig.ts";
import type { Town, TownSummary } from "../protocol/town.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Sql } from "../sql.ts";
import type { TownWake } from "./decide.ts";
import type { ModelSettings, TownCharter } from "./ports.ts";
import type { ContainerRecord, TownRecord } from "./record.ts";
import {
  activityOf,
  agentOf,
  listedBeadOf,
  rigOf,
  type ActivityRow,
  type AgentRow,
  type BeadRow,
  type RigRow,
} from "./rows.ts";
import { ACTIVITY_KEPT } from "./schema.ts";
import type { Changes } from "./tx.ts";

/** Lines of the diary that a first snapshot holds. */
const ACTIVITY_SHOWN = 200;

/** What a view is made from. Making one writes nothing and touches nobody. */
export interface Seen {
  readonly sql: Sql;
  readonly charter: TownCharter;
  readonly town: TownRecord;
  readonly container: ContainerRecord;
  readonly wake: TownWake | null;
  readonly defaultModel: ModelSettings | null;
}

const counted = <K extends string>(sql: Sql, statement: string): Partial<Record<K, number>> =>
  Object.fromEntries(
    sql.all<{ status: K; n: number }>(statement).map((row) => [row.status, row.n]),
  ) as Partial<Record<K, number>>;

/** A sentence: why the container is in its state. */
const whyOf = ({ container }: Seen, working: number): string => {
  if (container.kills > 1)
    return "It should have ended, and could not be reached or killed so far. It is tried again.";
  if (container.state !== "awake") return container.why;
  if (working > 0)
    return working === 1
      ? "Awake because one agent is at work."
      : `Awake because ${working} agents are at work.`;
  return container.sleepsAt === null
    ? "Awake because a rig is being checked or a bead merged."
    : "Awake, with nothing to do.";
};

export const townView = (seen: Seen): Town => {
  const { sql, town, container } = seen;
  const agents = counted<Agent["status"]>(
    sql,
    "SELECT status, COUNT(*) AS n FROM agents WHERE founded = 1 AND status <> 'ended' GROUP BY status",
  );
  const beads = counted<Bead["status"]>(sql, "SELECT status, COUNT(*) AS n FROM beads GROUP BY status");
  const working = agents.working ?? 0;
  return {
    id: seen.charter.town,
    name: town.name,
    state: "open",
    foundedAt: town.foundedAt,
    container: {
      state: container.state,
      life: container.life,
      since: container.since || town.foundedAt,
      why: whyOf(seen, working),
      sleepsAt: container.sleepsAt,
      lastExit: container.lastExit,
      touches: sql.all<{ reason: string; count: number; lastAt: number }>(
        "SELECT reason, count, last_at AS lastAt FROM touches ORDER BY reason",
      ),
    },
    wake: seen.wake,
    agents: {
      working,
      waiting: agents.waiting ?? 0,
      total: Object.values(agents).reduce((sum, n) => sum + n, 0),
    },
    beads: {
      open: (beads.open ?? 0) + (beads.in_progress ?? 0) + (beads.in_review ?? 0),
      closed: beads.closed ?? 0,
      failed: beads.failed ?? 0,
    },
    settings: {
      runtime: town.runtime,
      model:
        town.model === null
          ? null
          : { baseUrl: town.model.baseUrl, model: town.model.model, hasKey: town.model.key !== null },
      modelFromEnvironment: town.model === null && seen.defaultModel !== null,
      sleepAfterMs: town.sleepAfterMs,
      caps: { polecats: town.polecatCap, tokens: town.tokenCap },
    },
    usage: town.usage,
    seq: town.seq,
  };
};

/** What the owner's list shows of the town. */
export const summaryOf = (
  charter: TownCharter,
  town: TownRecord,
  container: ContainerRecord,
  { working, needsYou }: { readonly working: number; readonly needsYou: boolean },
): Omit<TownSummary, "seq" | "state"> => ({
  id: charter.town,
  name: town.name,
  foundedAt: town.foundedAt,
  container: container.state,
  working,
  needsYou,
});

export const listRigs = (sql: Sql): Rig[] =>
  sql.all<RigRow>("SELECT * FROM rigs WHERE state <> 'removed' ORDER BY name").map(rigOf);
export const listBeads = (sql: Sql): Bead[] =>
  sql.all<BeadRow>("SELECT * FROM beads ORDER BY number").map(listedBeadOf);
/** Agents whose room has been founded: a page may open a socket to each. */
export const listAgents = (sql: Sql): Agent[] =>
  sql
    .all<AgentRow>("SELECT * FROM agents WHERE founded = 1 AND status <> 'ended' ORDER BY rowid")
    .map(agentOf);
/** The diary's last lines; with `after`, all that came since and are kept. */
export const listActivity = (sql: Sql, after: number): Activity[] =>
  sql
    .all<ActivityRow>(
      "SELECT * FROM activity WHERE seq > ? ORDER BY seq DESC LIMIT ?",
      after,
      after > 0 ? ACTIVITY_KEPT : ACTIVITY_SHOWN,
    )
    .toReversed()
    .map(activityOf);

/**
 * The first frame of a page's socket: everything, or what changed since, in the lists' own order. (`+` keeps
 * SQLite on the index of `seq`: few rows have changed, and sorting those is cheaper than reading all.)
 */
export const snapshotFrame = (seen: Seen, after: number | null): TownFrame => {
  const { sql } = seen;
  const since = after !== null && after <= seen.town.seq ? after : null;
  return {
    type: "snapshot",
    version: PROTOCOL_VERSION,
    seq: seen.town.seq,
    since,
    town: townView(seen),
    rigs:
      since === null
        ? listRigs(sql)
        : sql.all<RigRow>("SELECT * FROM rigs WHERE seq > ? ORDER BY +name", since).map(rigOf),
    beads:
      since === null
        ? listBeads(sql)
        : sql.all<BeadRow>("SELECT * FROM beads WHERE seq > ? ORDER BY +number", since).map(listedBeadOf),
    agents:
      since === null
        ? listAgents(sql)
        : sql
            .all<AgentRow>("SELECT * FROM agents WHERE seq > ? AND founded = 1 ORDER BY +rowid", since)
            .map(agentOf),
    activity: listActivity(sql, since ?? 0),
  };
};

/** What changed in one transaction, for the pages that watch. */
export const deltaFrame = (seen: Seen, changes: Changes): TownFrame => {
  const { sql } = seen;
  const rows = <Row extends object>(table: string, key: string, ids: Iterable<string | number>): Row[] =>
    [...ids].flatMap((id) => sql.all<Row>(`SELECT * FROM ${table} WHERE ${key} = ?`, id));
  return {
    type: "delta",
    seq: seen.town.seq,
    town: townView(seen),
    ...(changes.rigs.size > 0 && { rigs: rows<RigRow>("rigs", "name", changes.rigs).map(rigOf) }),
    ...(changes.beads.size > 0 && {
      beads: rows<BeadRow>("beads", "number", changes.beads).map(listedBeadOf),
    }),
    ...(changes.agents.size > 0 && {
      agents: rows<AgentRow>("agents", "name", changes.agents)
        .filter((row) => row.founded === 1)
        .map(agentOf),
    }),
    ...(changes.activity.length > 0 && { activity: changes.activity }),
  };
};
