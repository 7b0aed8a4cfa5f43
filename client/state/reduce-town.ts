import type { Activity } from "../../src/protocol/activity.ts";
import type { Agent } from "../../src/protocol/agent.ts";
import type { BeadSummary } from "../../src/protocol/bead.ts";
import type { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import type { Rig } from "../../src/protocol/rig.ts";
import type { Town } from "../../src/protocol/town.ts";
import { followsOn, GAP, type Gap, merge } from "./merge.ts";

/** All that the page knows of one town. */
export interface TownView {
  readonly seq: number;
  /** The `seq` of the last frame that held everything shown: what had been read beyond it is forgotten. */
  readonly begun: number;
  readonly town: Town;
  readonly rigs: readonly Rig[];
  /** Those that were told or read so far, oldest first. */
  readonly beads: readonly BeadSummary[];
  /** Those that were told or read so far. */
  readonly agents: readonly Agent[];
  /** Oldest first, the last {@link ACTIVITY_KEPT} at the most. */
  readonly activity: readonly Activity[];
}

/** The lists of a town of which a page has a part, and reads more when it is asked to. */
export type Lists = Pick<TownView, "beads" | "agents" | "activity">;

/** Lines of the diary that a page keeps: as many as the town does. */
export const ACTIVITY_KEPT = 1000;

const standing = (rigs: readonly Rig[]): readonly Rig[] =>
  rigs.some((rig) => rig.state === "removed") ? rigs.filter((rig) => rig.state !== "removed") : rigs;

const living = (agents: readonly Agent[]): readonly Agent[] =>
  agents.some((agent) => agent.status === "ended")
    ? agents.filter((agent) => agent.status !== "ended")
    : agents;

const numberOf = (bead: BeadSummary): number => Number(bead.id.slice(1));

const mergeBeads = (have: readonly BeadSummary[], came: readonly BeadSummary[]): readonly BeadSummary[] => {
  const merged = merge(have, came, (bead) => bead.id);
  return merged.length === have.length ? merged : merged.toSorted((a, b) => numberOf(a) - numberOf(b));
};

const mergeLines = (have: readonly Activity[], came: readonly Activity[]): readonly Activity[] => {
  const merged = merge(have, came, (line) => line.seq);
  return merged.length === have.length ? merged : recent(merged.toSorted((a, b) => a.seq - b.seq));
};

/** The town with what was read of its lists beyond the frames. */
export const withMore = (
  state: TownView,
  { beads = [], agents = [], activity = [] }: Partial<Lists>,
): TownView => ({
  ...state,
  beads: mergeBeads(state.beads, beads),
  agents: living(merge(state.agents, agents, (agent) => agent.name)),
  activity: mergeLines(state.activity, activity),
});

const recent = (activity: readonly Activity[]): readonly Activity[] =>
  activity.length > ACTIVITY_KEPT ? activity.slice(-ACTIVITY_KEPT) : activity;

/** The town after one more frame. */
export const reduceTown = (state: TownView | null, frame: TownFrame): TownView | Gap => {
  if (frame.type === "snapshot" && frame.since === null) {
    const { seq, town, rigs, beads, agents, activity } = frame;
    const lists = { beads, agents: living(agents), activity: recent(activity) };
    return { seq, begun: seq, town, rigs: standing(rigs), ...lists };
  }
  if (state === null) return GAP;
  if (frame.type === "snapshot" && !followsOn(state, frame.since ?? 0)) return GAP;
  return {
    ...withMore(state, frame),
    seq: Math.max(state.seq, frame.seq),
    town: frame.town && frame.town.seq >= state.town.seq ? frame.town : state.town,
    rigs: standing(merge(state.rigs, frame.rigs ?? [], (rig) => rig.name)),
  };
};
