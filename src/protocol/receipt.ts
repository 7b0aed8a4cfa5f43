import * as v from "valibot";
import { Timestamp } from "./primitives.ts";

export const FinalizerName = v.picklist(["sockets", "container", "children", "self"]);
export type FinalizerName = v.InferOutput<typeof FinalizerName>;

/** One step of a destruction: due with its attempts and the last reason, or done with its time. */
export const Finalizer = v.object({
  name: FinalizerName,
  state: v.picklist(["due", "done"]),
  attempts: v.number(),
  /** Not before this time, after a failure. */
  notBefore: Timestamp,
  doneAt: v.nullable(Timestamp),
  /** Why the last attempt failed. */
  reason: v.nullable(v.string()),
  /** What was done: `3 sockets`, `exit 137`, `4 agents`. */
  detail: v.nullable(v.string()),
});
export type Finalizer = v.InferOutput<typeof Finalizer>;

/** What is left of a room, whatever kind it is. `null`: not known yet. */
export const RoomReceipt = v.object({
  /** `<Class> <name>`, for people. */
  room: v.string(),
  state: v.picklist(["closing", "gone"]),
  /** Who asked, and why. */
  cause: v.string(),
  startedAt: v.nullable(Timestamp),
  endedAt: v.nullable(Timestamp),
  finalizers: v.array(Finalizer),
  /** The size of its storage, in bytes. */
  bytesBefore: v.nullable(v.number()),
  /** Its tombstone's size, in bytes. */
  bytesAfter: v.nullable(v.number()),
});
export type RoomReceipt = v.InferOutput<typeof RoomReceipt>;

/** What is left of a town. `null`: not known yet. */
export const Receipt = v.object({
  ...RoomReceipt.entries,
  /** How many there ever were. */
  agents: v.nullable(v.number()),
  /** How its container's last life ended; `null` too when it never had one. */
  containerExit: v.nullable(v.string()),
  /** Branches that Curfew pushed; they stay. */
  branches: v.nullable(v.array(v.object({ rig: v.string(), branch: v.string() }))),
});
export type Receipt = v.InferOutput<typeof Receipt>;

/** Where a town's receipt is read. */
export const receiptPath = (town: string): string => `/api/towns/${town}/receipt`;

/** A town's receipt as its owner gets it. */
export const TownReceipt = v.object({
  ...Receipt.entries,
  /** The town's. */
  name: v.string(),
  /** Why its owner's room could not go on when it last tried; left out: it could. */
  waitsFor: v.optional(v.string()),
  /** What a second look found, where one was asked for. */
  verified: v.optional(
    v.object({
      ok: v.boolean(),
      at: Timestamp,
      findings: v.array(v.object({ room: v.string(), found: v.string() })),
    }),
  ),
});
export type TownReceipt = v.InferOutput<typeof TownReceipt>;
