import type { Activity } from "../../src/protocol/activity.ts";
import type { Agent } from "../../src/protocol/agent.ts";
import type { Bead } from "../../src/protocol/bead.ts";
import type { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import type { Rig } from "../../src/protocol/rig.ts";
import type { Town } from "../../src/protocol/town.ts";
import { followsOn, GAP, type Gap, merge } from "./merge.ts";

/** All that the page knows of one town. */
export interface TownView {
  readonly seq: number;
  readonly town: Town;
  readonly rigs: readonly Rig[];
  readonly beads: readonly Bead[];
  readonly agents: readonly Agent[];
  /** Oldest first, the last {@link ACTIVITY_KEPT}. */
  readonly activity: readonly Activity[];
}

/** Lines of the diary that a page keeps; the rest is the API's. */
export const ACTIVITY_KEPT = 500;

const standing = (rigs: readonly Rig[]): readonly Rig[] =>
  rigs.some((rig) => rig.state === "removed") ? rigs.filter((rig) => rig.state !== "removed") : rigs;

const living = (agents: readonly Agent[]): readonly Agent[] =>
  agents.some((agent) => agent.status === "ended")
    ? agents.filter((agent) => agent.status !== "ended")
    : agents;

const recent = (activity: readonly Activity[]): readonly Activity[] =>
  activity.length > ACTIVITY_KEPT ? activity.slice(-ACTIVITY_KEPT) : activity;

/** The town after one more frame. */
export const reduceTown = (state: TownView | null, frame: TownFrame): TownView | Gap => {
  if (frame.type === "snapshot" && frame.since === null) {
    const { seq, town, rigs, beads, agents, activity } = frame;
    return { seq, town, rigs: standing(rigs), beads, agents: living(agents), activity: recent(activity) };
  }
  if (state === null) return GAP;
  if (frame.type === "snapshot" && !followsOn(state, frame.since ?? 0)) return GAP;
  return {
    seq: Math.max(state.seq, frame.seq),
    town: frame.town && frame.town.seq >= state.town.seq ? frame.town : state.town,
    rigs: standing(merge(state.rigs, frame.rigs ?? [], (rig) => rig.name)),
    beads: merge(state.beads, frame.beads ?? [], (bead) => bead.id),
    agents: living(merge(state.agents, frame.agents ?? [], (agent) => agent.name)),
    activity: recent(merge(state.activity, frame.activity ?? [], (line) => line.seq)),
  };
};
