import type { Finalizer } from "./finalizer.ts";

/**
 * What is left of a room, whatever kind it is; a kind adds what else there is to say of its end. Times in
 * ms. `null`: not known yet.
 */
export interface Receipt<Name extends string = string> {
  /** `<Class> <name>`, for people. */
  room: string;
  state: "closing" | "gone";
  /** Who asked, and why. */
  cause: string;
  startedAt: number | null;
  endedAt: number | null;
  finalizers: Finalizer<Name>[];
  /** The size of its storage, in bytes. */
  bytesBefore: number | null;
  /** Its tombstone's size, in bytes. */
  bytesAfter: number | null;
}

/** The receipt of a room of whose end nothing is known but that it was ordered. */
export const emptyReceipt = (room: string, cause: string): Receipt<never> => ({
  room,
  state: "closing",
  cause,
  startedAt: null,
  endedAt: null,
  finalizers: [],
  bytesBefore: null,
  bytesAfter: null,
});

/** The receipt of a room that had never lived: there was nothing to end, and now it can't begin. */
export const stillbornReceipt = (room: string, cause: string, now: number): Receipt<never> => ({
  ...emptyReceipt(room, cause),
  state: "gone",
  startedAt: now,
  endedAt: now,
  bytesBefore: 0,
});

/**
 * The fuller one of two receipts of the same room. A room that died between `deleteAll` and its
 * tombstone answers with a stillborn's, or with that of the short life which an old charter gave it
 * in between: then what the owner already knew is the truth.
 */
export const fullerReceipt = <R extends Receipt>(known: R | null, told: R): R => {
  if (known === null || (told.finalizers.length > 0 && isNoLater(told, known))) return told;
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

const isNoLater = (one: Receipt, other: Receipt): boolean =>
  (one.startedAt ?? Infinity) <= (other.startedAt ?? Infinity);
