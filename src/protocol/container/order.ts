import * as v from "valibot";
import { AgentRole } from "../agent.ts";
import { AgentName, BeadId, CommitId, Fence, RigName, RunId } from "../primitives.ts";
import { Credential } from "../rig.ts";

/** A repository, as git work needs it. The credential stays in the control server's memory. */
export const RigOrder = v.object({
  name: RigName,
  gitUrl: v.string(),
  /** The target branch; `null`: find the default branch. */
  branch: v.nullable(v.string()),
  /** `branch` is what was the default, asked for by nobody: where it is gone, the present default is taken. */
  branchIsDefault: v.optional(v.boolean()),
  credential: v.nullable(Credential),
});
export type RigOrder = v.InferOutput<typeof RigOrder>;

/** What to start as the agent's process; it speaks ACP on stdin and stdout. */
export const RuntimeOrder = v.variant("kind", [
  v.object({ kind: v.literal("script") }),
  v.object({ kind: v.literal("opencode"), model: v.string() }),
  v.object({ kind: v.literal("command"), command: v.array(v.string()), model: v.nullable(v.string()) }),
]);
export type RuntimeOrder = v.InferOutput<typeof RuntimeOrder>;

const run = {
  runId: RunId,
  fence: Fence,
  /** The run is ended by force after this long. */
  maxMs: v.number(),
};

/** Look at a repository: does it answer, has it the branch. */
export const CheckOrder = v.object({ ...run, kind: v.literal("check"), rig: RigOrder });

/** One turn of an agent; with `work`, in a checkout of a bead, whose commit is pushed at the end. */
export const TurnOrder = v.object({
  ...run,
  kind: v.literal("turn"),
  agent: AgentName,
  role: AgentRole,
  /** Names the agent's process: the same as before goes on in it, another starts a new one. */
  process: v.string(),
  /** The agent's own bearer token, for `/mcp` and `/model`; dies with the process. */
  token: v.string(),
  runtime: RuntimeOrder,
  prompt: v.string(),
  /** The message that this turn answers; tools derive their idempotency keys from it. */
  message: v.nullable(v.string()),
  /** What was said before, oldest first; told to a process that is new. */
  history: v.array(v.object({ from: v.picklist(["user", "agent"]), text: v.string() })),
  work: v.nullable(
    v.object({
      rig: RigOrder,
      bead: BeadId,
      title: v.string(),
      /** `curfew/<town>/<bead>`, where the commit is pushed. */
      branch: v.string(),
      attempt: v.number(),
    }),
  ),
});
export type TurnOrder = v.InferOutput<typeof TurnOrder>;

/** Merge a bead's commit into the rig's branch: merge, gates, intent, push with a lease, verify. */
export const MergeOrder = v.object({
  ...run,
  kind: v.literal("merge"),
  rig: RigOrder,
  bead: BeadId,
  title: v.string(),
  branch: v.string(),
  commit: CommitId,
  gates: v.array(v.string()),
  gateMaxMs: v.number(),
  /** The merge commit that an earlier, lost run meant to push: look at the remote for it first. */
  intent: v.nullable(v.object({ commit: CommitId, onto: CommitId })),
});
export type MergeOrder = v.InferOutput<typeof MergeOrder>;

/** `POST /runs`: answered 202 once taken; the same run again is the same. */
export const RunOrder = v.variant("kind", [CheckOrder, TurnOrder, MergeOrder]);
export type RunOrder = v.InferOutput<typeof RunOrder>;

/** `POST /runs/:run/cancel`: the run ends as cancelled; unknown runs are answered 202 as well. */
export const CancelOrder = v.object({ fence: Fence });
