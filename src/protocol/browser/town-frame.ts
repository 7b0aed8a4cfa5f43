import * as v from "valibot";
import { Activity } from "../activity.ts";
import { Agent } from "../agent.ts";
import { BeadSummary } from "../bead.ts";
import { Seq } from "../primitives.ts";
import { Rig } from "../rig.ts";
import { Town } from "../town.ts";

/**
 * Room `Town` → page, on `/parties/town/:town[?after=<seq>]`. The first frame is a `snapshot`; with
 * `after` it holds only what changed since (`since` echoes it), else what is shown (`since: null`): all rigs
 * up to 200, the beads and agents that are at work or wait for a person, and the newest of the others and of
 * the diary. How many there are the town's counts say; the rest is read by pages over HTTP. A delta holds what
 * changed. Values are whole: a page replaces by id.
 */
export const TownFrame = v.variant("type", [
  v.object({
    type: v.literal("snapshot"),
    version: v.number(),
    seq: Seq,
    since: v.nullable(Seq),
    town: Town,
    rigs: v.array(Rig),
    beads: v.array(BeadSummary),
    agents: v.array(Agent),
    activity: v.array(Activity),
  }),
  v.object({
    type: v.literal("delta"),
    seq: Seq,
    town: v.optional(Town),
    rigs: v.optional(v.array(Rig)),
    beads: v.optional(v.array(BeadSummary)),
    agents: v.optional(v.array(Agent)),
    activity: v.optional(v.array(Activity)),
  }),
]);
export type TownFrame = v.InferOutput<typeof TownFrame>;
