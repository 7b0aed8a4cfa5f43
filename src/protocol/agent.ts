import * as v from "valibot";
import { AgentName, BeadId, RunId, Seq, Timestamp } from "./primitives.ts";
import { Usage } from "./usage.ts";

export const AgentRole = v.picklist(["mayor", "polecat"]);
export type AgentRole = v.InferOutput<typeof AgentRole>;

/**
 * `idle`: no process · `working`: a live run · `waiting`: a process with nothing to do ·
 * `failed`: its last run failed and nothing will be tried by itself · `ended`: its room is gone with
 * its rig; it reaches pages once, so that they can drop the agent, and lists leave it out.
 */
export const AgentStatus = v.picklist(["idle", "working", "waiting", "failed", "ended"]);
export type AgentStatus = v.InferOutput<typeof AgentStatus>;

export const Agent = v.object({
  name: AgentName,
  role: AgentRole,
  status: AgentStatus,
  /** Why it failed, or what it was lost to. */
  reason: v.nullable(v.string()),
  bead: v.nullable(BeadId),
  run: v.nullable(RunId),
  usage: Usage,
  /** Since when it has this status. */
  since: Timestamp,
  seq: Seq,
});
export type Agent = v.InferOutput<typeof Agent>;
