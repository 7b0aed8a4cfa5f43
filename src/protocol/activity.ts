import * as v from "valibot";
import { AgentName, BeadId, RigName, Seq, Timestamp } from "./primitives.ts";

/** One line of the town's diary: what happened, for people. */
export const Activity = v.object({
  seq: Seq,
  at: Timestamp,
  /** `work` is what people came for, `life` is starting and sleeping, `trouble` wants a look. */
  kind: v.picklist(["work", "life", "trouble"]),
  text: v.string(),
  rig: v.nullable(RigName),
  bead: v.nullable(BeadId),
  agent: v.nullable(AgentName),
});
export type Activity = v.InferOutput<typeof Activity>;
