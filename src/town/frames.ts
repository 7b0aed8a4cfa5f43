import type { TownFrame } from "../protocol/browser/town-frame.ts";
import { PAGE_ROWS_MAX } from "../protocol/page.ts";
import type { Town } from "../protocol/town.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Sql } from "../sql.ts";
import { AGENTS, type AgentRow } from "./agents/rows.ts";
import { agentOf, agentsSince, shownAgents } from "./agents/view.ts";
import { BEADS, type BeadRow } from "./beads/rows.ts";
import { beadsSince, listedBeadOf, shownBeads } from "./beads/view.ts";
import { ACTIVITY, type ActivityRow } from "./diary/rows.ts";
import { activityOf, activitySince, listActivity } from "./diary/view.ts";
import { RIGS, type RigRow } from "./rigs/rows.ts";
import { listRigs, rigOf, rigsSince } from "./rigs/view.ts";
import type { Changes } from "./tx.ts";
import { townView, type Seen } from "./view.ts";

/** Rows of one table that a resuming page is told of; one that has missed more starts anew. */
const CATCH_UP = 100;
/** Lines of the diary in a first frame. */
const LINES_SHOWN = 25;

type Lists = Pick<Extract<TownFrame, { type: "snapshot" }>, "rigs" | "beads" | "agents" | "activity">;

/** What a page shows before anybody has asked for more. Its size doesn't grow with the town. */
const shownLists = (sql: Sql): Lists => ({
  rigs: listRigs(sql, { limit: PAGE_ROWS_MAX, cursor: null, status: null }).items.toReversed(),
  beads: shownBeads(sql),
  agents: shownAgents(sql),
  activity: listActivity(sql, 0, { limit: LINES_SHOWN, cursor: null, status: null }).items.toReversed(),
});

/** All that changed after a stamp; `null` if that is more than a page is told at once. */
const changedLists = (sql: Sql, since: number): Lists | null => {
  const most = CATCH_UP + 1;
  const lists: Lists = {
    rigs: rigsSince(sql, since, most),
    beads: beadsSince(sql, since, most),
    agents: agentsSince(sql, since, most),
    activity: activitySince(sql, since, most),
  };
  return Object.values(lists).every((list) => list.length <= CATCH_UP) ? lists : null;
};

/** The first frame of a page's socket: what is shown, or all that changed since. */
export const snapshotFrame = (seen: Seen, after: number | null): TownFrame => {
  const { sql, town } = seen;
  const changed = after !== null && after <= town.seq ? changedLists(sql, after) : null;
  return {
    type: "snapshot",
    version: PROTOCOL_VERSION,
    seq: town.seq,
    since: changed === null ? null : after,
    town: townView(seen),
    ...(changed ?? shownLists(sql)),
  };
};

/**
 * What changed in one transaction, for the pages that watch.
 *
 * @param town its own view, where that has changed
 */
export const deltaFrame = ({ sql, town: { seq } }: Seen, changes: Changes, town: Town | null): TownFrame => {
  const rows = <Row extends object>({ name, key }: { readonly name: string; readonly key: string }): Row[] =>
    [...(changes.rows.get(name) ?? [])].flatMap((id) =>
      sql.all<Row>(`SELECT * FROM ${name} WHERE ${key} = ?`, id),
    );
  const rigs = rows<RigRow>(RIGS);
  const beads = rows<BeadRow>(BEADS);
  const agents = rows<AgentRow>(AGENTS);
  const activity = rows<ActivityRow>(ACTIVITY);
  return {
    type: "delta",
    seq,
    ...(town !== null && { town }),
    ...(rigs.length > 0 && { rigs: rigs.map(rigOf) }),
    ...(beads.length > 0 && { beads: beads.map(listedBeadOf) }),
    ...(agents.length > 0 && { agents: agents.filter((row) => row.founded === 1).map(agentOf) }),
    ...(activity.length > 0 && { activity: activity.map(activityOf) }),
  };
};
