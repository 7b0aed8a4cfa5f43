import { beadId } from "../ids.ts";
import type { BeadRow } from "./rows.ts";

/** Failed attempts of one round, after which a person must look. */
export const BEAD_ATTEMPTS = 3;
/** Runs lost with their container, likewise. */
export const BEAD_LOSSES = 5;

/** Whether a run of it may still be under way, so that what a run says of it counts. */
export const isInWork = (bead: BeadRow | null): bead is BeadRow =>
  bead !== null && (bead.status === "in_progress" || bead.status === "in_review");

/** The branch to which the work on a bead is pushed. It is the bead's once something was. */
export const branchOf = (town: string, bead: number): string => `curfew/${town}/${beadId(bead)}`;

/** Where a bead goes on after a run of it: a polecat's on the board, a merge's in the queue for review. */
export const placeBefore = (run: { readonly kind: string }): "open" | "in_review" =>
  run.kind === "merge" ? "in_review" : "open";
