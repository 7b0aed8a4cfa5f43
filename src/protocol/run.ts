import * as v from "valibot";
import { AgentName, RunId, Timestamp } from "./primitives.ts";
import { Usage } from "./usage.ts";

export const RunState = v.picklist(["starting", "live", "ended"]);
export type RunState = v.InferOutput<typeof RunState>;

/** One job in the container, as answers show it: what it was, how it ended, what its model calls used. */
export const Run = v.object({
  id: RunId,
  kind: v.picklist(["check", "turn", "merge"]),
  state: RunState,
  agent: v.nullable(AgentName),
  createdAt: Timestamp,
  startedAt: v.nullable(Timestamp),
  endedAt: v.nullable(Timestamp),
  /** Its result's kind, or `lost`, `failed`, `cancelled`; `null` while it is open. */
  outcome: v.nullable(v.string()),
  reason: v.nullable(v.string()),
  usage: Usage,
});
export type Run = v.InferOutput<typeof Run>;
