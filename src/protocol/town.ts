import * as v from "valibot";
import { Seq, Timestamp, TownId } from "./primitives.ts";
import { Settings } from "./settings.ts";
import { Usage } from "./usage.ts";

export const ContainerState = v.picklist(["asleep", "starting", "awake", "stopping"]);
export type ContainerState = v.InferOutput<typeof ContainerState>;

/** What the town knows of its container; reading it touches neither container nor its object. */
export const ContainerView = v.object({
  state: ContainerState,
  /** How many times it was started; a start is a life. */
  life: v.number(),
  since: Timestamp,
  /** A sentence: why it is in this state. */
  why: v.string(),
  /** When it will be stopped if nothing more happens; `null` while something runs, or asleep. */
  sleepsAt: v.nullable(Timestamp),
  lastExit: v.nullable(v.object({ at: Timestamp, code: v.nullable(v.number()), reason: v.string() })),
  /** Everything that ever touched it, counted by reason. */
  touches: v.array(v.object({ reason: v.string(), count: v.number(), lastAt: Timestamp })),
});
export type ContainerView = v.InferOutput<typeof ContainerView>;

/** Why the room has an alarm, and for when. */
export const Wake = v.object({ at: Timestamp, why: v.string() });
export type Wake = v.InferOutput<typeof Wake>;

const Count = v.number();

/** How many agents the town has, by status; those that have ended are not counted. */
const AgentCounts = v.object({
  idle: Count,
  working: Count,
  waiting: Count,
  failed: Count,
  total: Count,
});

/** How many beads the town has, by status, and how many of them wait for a person. */
const BeadCounts = v.object({
  open: Count,
  in_progress: Count,
  in_review: Count,
  closed: Count,
  failed: Count,
  cancelled: Count,
  needsYou: Count,
});

export const Town = v.object({
  id: TownId,
  name: v.string(),
  state: v.picklist(["open", "closing"]),
  foundedAt: Timestamp,
  container: ContainerView,
  wake: v.nullable(Wake),
  agents: AgentCounts,
  beads: BeadCounts,
  settings: Settings,
  usage: Usage,
  seq: Seq,
});
export type Town = v.InferOutput<typeof Town>;

/**
 * A town that is being ended, as `GET /api/towns/:town` shows it: what its owner's room knows, since the town
 * itself answers to nobody any more. Everything else there was to say of it is gone, not zero.
 */
export const ClosingTown = v.object({
  id: TownId,
  name: v.string(),
  state: v.literal("closing"),
  foundedAt: Timestamp,
  container: v.object({
    state: v.literal("stopping"),
    /** A sentence: what its end waits for. */
    why: v.string(),
    sleepsAt: v.null(),
  }),
  wake: v.nullable(Wake),
  /** `null`: not known yet. */
  agents: v.object({ total: v.nullable(v.number()) }),
  /** Where its receipt is read. */
  receipt: v.string(),
});
export type ClosingTown = v.InferOutput<typeof ClosingTown>;

/** Lists leave out those that are gone. */
export const TownState = v.picklist(["founding", "open", "closing", "gone"]);
export type TownState = v.InferOutput<typeof TownState>;

/** A town as its owner's list shows it. */
export const TownSummary = v.object({
  id: TownId,
  name: v.string(),
  state: TownState,
  foundedAt: Timestamp,
  container: ContainerState,
  working: v.number(),
  /** Something there waits for a person. */
  needsYou: v.boolean(),
  seq: Seq,
});
export type TownSummary = v.InferOutput<typeof TownSummary>;
