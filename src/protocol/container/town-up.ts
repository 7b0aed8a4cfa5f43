import * as v from "valibot";
import { Diff, GateResult } from "../bead.ts";
import { AgentName, BeadId, BranchName, CommitId, Fence, RigName, RunId } from "../primitives.ts";
import { Line, Text } from "../text.ts";

/** How a turn ended. A mayor's turn has no proof; a polecat's is `done` only with a pushed commit. */
export const TurnResult = v.variant("outcome", [
  v.object({ outcome: v.literal("talked") }),
  v.object({
    outcome: v.literal("done"),
    commit: CommitId,
    base: CommitId,
    diff: Diff,
    /** The branch that the work is for, where it isn't the order's: the default was renamed. */
    target: v.optional(BranchName),
    /** What the agent said last, 2,000 characters at most. */
    summary: Text,
  }),
  /** The turn ended without a commit; the Town knows whether the agent said that none was needed. */
  v.object({ outcome: v.literal("no-commit"), summary: Text }),
  v.object({ outcome: v.literal("cancelled") }),
  /** `again`: whether trying again by itself makes sense. */
  v.object({ outcome: v.literal("failed"), reason: Line, again: v.boolean() }),
]);
export type TurnResult = v.InferOutput<typeof TurnResult>;

export const MergeResult = v.variant("outcome", [
  v.object({
    outcome: v.literal("merged"),
    mergeCommit: CommitId,
    /** The branch that it is on, where it isn't the order's: the default was renamed. */
    target: v.optional(BranchName),
  }),
  v.object({ outcome: v.literal("conflict"), reason: Line }),
  v.object({ outcome: v.literal("gate-failed"), reason: Line }),
  /** Only a person can go on: the branch is checked out somewhere with uncommitted work. */
  v.object({ outcome: v.literal("held"), reason: Line }),
  v.object({ outcome: v.literal("cancelled") }),
  v.object({ outcome: v.literal("failed"), reason: Line, again: v.boolean() }),
]);
export type MergeResult = v.InferOutput<typeof MergeResult>;

export const CheckResult = v.variant("outcome", [
  v.object({
    outcome: v.literal("ready"),
    branch: v.string(),
    head: CommitId,
    /** What of the repository can't be worked on, and why: sentences. */
    lacks: v.optional(Line),
  }),
  v.object({ outcome: v.literal("failed"), reason: Line }),
]);
export type CheckResult = v.InferOutput<typeof CheckResult>;

const ofRun = { runId: RunId, fence: Fence };

/** Control server → Town: what happened. */
export const TownEvent = v.variant("type", [
  v.object({ type: v.literal("checked"), ...ofRun, rig: RigName, result: CheckResult }),
  v.object({ type: v.literal("turned"), ...ofRun, agent: AgentName, result: TurnResult }),
  v.object({ type: v.literal("gate"), ...ofRun, result: GateResult }),
  /** Recorded by the Town before the control server may push (`recorded` answers it). */
  v.object({ type: v.literal("intent"), ...ofRun, commit: CommitId, onto: CommitId }),
  v.object({ type: v.literal("merged"), ...ofRun, result: MergeResult }),
  v.object({
    type: v.literal("process"),
    agent: AgentName,
    process: v.string(),
    state: v.picklist(["up", "down"]),
    reason: v.nullable(Line),
  }),
  /** Work in progress was saved before the container stopped. */
  v.object({ type: v.literal("saved"), bead: BeadId, branch: v.string(), commit: CommitId }),
]);
export type TownEvent = v.InferOutput<typeof TownEvent>;

/** First frame of every connection: who I am, what runs here, from which number on I still hold events. */
export const Hello = v.object({
  type: v.literal("hello"),
  version: v.number(),
  /** Random, one per life of the control server. */
  boot: v.string(),
  life: v.number(),
  runs: v.array(v.object(ofRun)),
});

/** Control server → Town. Events are numbered from 1 per boot and sent again until acknowledged. */
export const TownUp = v.variant("type", [
  Hello,
  v.object({ type: v.literal("event"), boot: v.string(), n: v.number(), event: TownEvent }),
]);
export type TownUp = v.InferOutput<typeof TownUp>;

/** Town → control server. */
export const TownDown = v.variant("type", [
  /** Answers `hello`: everything up to `after` is here; `cancel` are runs that are none any more. */
  v.object({ type: v.literal("welcome"), version: v.number(), after: v.number(), cancel: v.array(RunId) }),
  v.object({ type: v.literal("ack"), n: v.number() }),
  v.object({ type: v.literal("recorded"), runId: RunId, commit: CommitId }),
]);
export type TownDown = v.InferOutput<typeof TownDown>;
