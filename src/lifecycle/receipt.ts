import type { Finalizer } from "./finalizer.ts";

/** What is left of a room; `src/protocol/receipt.ts` has its schema. */
export interface Receipt {
  room: string;
  state: "closing" | "gone";
  cause: string;
  startedAt: number;
  endedAt: number | null;
  finalizers: Finalizer[];
  bytesBefore: number;
  bytesAfter: number | null;
  agents: number;
  containerExit: string | null;
  branches: { rig: string; branch: string }[];
}

/** The receipt of a room that had never lived: there was nothing to end, and now it can't begin. */
export const stillbornReceipt = (room: string, cause: string, now: number): Receipt => ({
  room,
  state: "gone",
  cause,
  startedAt: now,
  endedAt: now,
  finalizers: [],
  bytesBefore: 0,
  bytesAfter: 0,
  agents: 0,
  containerExit: null,
  branches: [],
});

/**
 * The fuller one of two receipts of the same room. A room that died between `deleteAll` and its
 * tombstone answers with a stillborn's, or with that of the short life which an old charter gave it
 * in between: then what the owner already knew is the truth.
 */
export const fullerReceipt = (known: Receipt | null, told: Receipt): Receipt => {
  if (known === null || (told.finalizers.length > 0 && told.startedAt <= known.startedAt)) return told;
  return {
    ...known,
    state: told.state,
    endedAt: told.endedAt,
    bytesAfter: told.bytesAfter,
    finalizers: known.finalizers.map((step) =>
      step.state === "due" && told.state === "gone" ? { ...step, state: "done", doneAt: told.endedAt } : step,
    ),
  };
};
