import type { TownFrame } from "../protocol/browser/town-frame.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { AGENTS, type AgentRow } from "./agents/rows.ts";
import { agentOf, agentsSince, listAgents } from "./agents/view.ts";
import { BEADS, type BeadRow } from "./beads/rows.ts";
import { beadsSince, listBeads, listedBeadOf } from "./beads/view.ts";
import { ACTIVITY, type ActivityRow } from "./diary/rows.ts";
import { activityOf, listActivity } from "./diary/view.ts";
import { RIGS, type RigRow } from "./rigs/rows.ts";
import { listRigs, rigOf, rigsSince } from "./rigs/view.ts";
import type { Changes } from "./tx.ts";
import { townView, type Seen } from "./view.ts";

/** The first frame of a page's socket: everything, or what changed since, in the lists' own order. */
export const snapshotFrame = (seen: Seen, after: number | null): TownFrame => {
  const { sql } = seen;
  const since = after !== null && after <= seen.town.seq ? after : null;
  return {
    type: "snapshot",
    version: PROTOCOL_VERSION,
    seq: seen.town.seq,
    since,
    town: townView(seen),
    rigs: since === null ? listRigs(sql) : rigsSince(sql, since),
    beads: since === null ? listBeads(sql) : beadsSince(sql, since),
    agents: since === null ? listAgents(sql) : agentsSince(sql, since),
    activity: listActivity(sql, since ?? 0),
  };
};

/** What changed in one transaction, for the pages that watch. */
export const deltaFrame = (seen: Seen, changes: Changes): TownFrame => {
  const rows = <Row extends object>({ name, key }: { readonly name: string; readonly key: string }): Row[] =>
    [...(changes.rows.get(name) ?? [])].flatMap((id) =>
      seen.sql.all<Row>(`SELECT * FROM ${name} WHERE ${key} = ?`, id),
    );
  const rigs = rows<RigRow>(RIGS);
  const beads = rows<BeadRow>(BEADS);
  const agents = rows<AgentRow>(AGENTS);
  const activity = rows<ActivityRow>(ACTIVITY);
  return {
    type: "delta",
    seq: seen.town.seq,
    town: townView(seen),
    ...(rigs.length > 0 && { rigs: rigs.map(rigOf) }),
    ...(beads.length > 0 && { beads: beads.map(listedBeadOf) }),
    ...(agents.length > 0 && { agents: agents.filter((row) => row.founded === 1).map(agentOf) }),
    ...(activity.length > 0 && { activity: activity.map(activityOf) }),
  };
};
