import type { Tx } from "../tx.ts";
import { type RigRow, RIGS } from "./rows.ts";

/** So many lost checks in a row, and the rig waits until somebody wants it. */
export const MAX_CHECK_LOSSES = 5;

/** Its checks were lost too often: nothing is tried by itself any more. */
export const isWaiting = (rig: RigRow): boolean => rig.state === "checking" && rig.losses >= MAX_CHECK_LOSSES;

/** Somebody wants a rig: if it waits, it is looked at again. */
export const wantRig = (tx: Tx, rig: RigRow): void => {
  if (isWaiting(rig)) tx.set(RIGS, rig.name, { losses: 0, retry_at: null });
};
