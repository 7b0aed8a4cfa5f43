import * as v from "valibot";
import { AgentName, BeadId, RigName, RunId, Seq, Timestamp } from "./primitives.ts";
import { Line, Seen, Text } from "./text.ts";
import { Usage } from "./usage.ts";

/** `POST /api/towns/:town/beads`, and the `sling` tool. */
export const NewBead = v.strictObject({
  rig: RigName,
  title: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, "must not be empty"),
    v.maxLength(200),
    Line,
    v.minLength(1, "must not be empty"),
  ),
  body: v.optional(v.pipe(v.string(), v.maxLength(100_000, "has at most 100,000 characters")), ""),
  /** Idempotency: the same key gives the same bead. */
  key: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200), Seen)),
});
export type NewBead = v.InferInput<typeof NewBead>;

/**
 * `open` → `in_progress` (a polecat's run) → `in_review` (checked and merged by the refinery) → `closed`.
 * `failed` waits for a person's retry; `cancelled` is final.
 */
export const BeadStatus = v.picklist(["open", "in_progress", "in_review", "closed", "failed", "cancelled"]);
export type BeadStatus = v.InferOutput<typeof BeadStatus>;

export const Bead = v.object({
  id: BeadId,
  rig: RigName,
  title: v.string(),
  body: v.string(),
  status: BeadStatus,
  assignee: v.nullable(AgentName),
  /** `curfew/<town>/<bead>`, once a polecat has pushed it. */
  branch: v.nullable(v.string()),
  /** The pushed commit: the proof of the work. */
  commit: v.nullable(v.string()),
  /** What `commit` was made from. */
  base: v.nullable(v.string()),
  mergeCommit: v.nullable(v.string()),
  /** Runs of the present round that failed; a retry by a person starts a new round. */
  attempts: v.number(),
  /** Why it is not further: what failed last, or what it waits for. */
  reason: v.nullable(v.string()),
  /** When it is tried again by itself; `null` if it isn't. */
  retryAt: v.nullable(Timestamp),
  /** Waits for a person (e.g. a checked-out branch with uncommitted work); `retry` tries again. */
  held: v.boolean(),
  usage: Usage,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  seq: Seq,
});
export type Bead = v.InferOutput<typeof Bead>;

/** A bead as lists and frames hold it: without its body, and with a long reason cut. */
export const BeadSummary = v.omit(Bead, ["body"]);
export type BeadSummary = v.InferOutput<typeof BeadSummary>;

/** What one gate of one merge run said. `output` is the last 64 KiB at most. */
export const GateResult = v.object({
  command: Text,
  exitCode: v.nullable(v.number()),
  output: Text,
  durationMs: v.number(),
});
export type GateResult = v.InferOutput<typeof GateResult>;

/** `r<n>.<place>`: a merge run, and the place of the gate among those that it ran. */
export const GateId = v.pipe(v.string(), v.regex(/^r[1-9][0-9]{0,8}\.[0-9]{1,3}$/, "not a gate's id"));

/** A gate as lists hold it: without its output. */
export const GateSummary = v.object({ id: GateId, run: RunId, ...v.omit(GateResult, ["output"]).entries });
export type GateSummary = v.InferOutput<typeof GateSummary>;

/** A unified diff, cut at 256 KiB. */
export const Diff = v.object({
  text: v.string(),
  truncated: v.boolean(),
  files: v.number(),
  insertions: v.number(),
  deletions: v.number(),
});
export type Diff = v.InferOutput<typeof Diff>;
