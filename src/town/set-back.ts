import { free } from "./agents/actions.ts";
import { failAttempt, loseAttempt, postponeBead } from "./beads/actions.ts";
import { isUp } from "./container/rules.ts";
import { endMessage, loseMessage, postponeMessage, requeueMessage } from "./messages/actions.ts";
import { failCheck, loseCheck, postponeCheck } from "./rigs/actions.ts";
import { plainLine } from "../protocol/text.ts";
import { closeRun, disown } from "./runs/actions.ts";
import type { RunRow } from "./runs/rows.ts";
import type { Tx } from "./tx.ts";

/** How a run that gave no result of its own goes back to where it came from. */
export type Setback =
  /** Lost with its container or over its time: no fault of the work. */
  | { readonly kind: "lost"; readonly reason: string }
  /** No container could be had for it. Nobody's fault, so nothing is counted: it waits until one can be. */
  | { readonly kind: "no-room"; readonly reason: string }
  /** It failed; `again` says whether trying again by itself makes sense. */
  | { readonly kind: "failed"; readonly reason: string; readonly again: boolean };

/** Ends a run without a result and gives its bead, message or rig the next try, or fails it. */
export const setBack = (tx: Tx, run: RunRow, setback: Setback): void => {
  const reason = plainLine(setback.reason);
  closeRun(tx, run, setback.kind, reason);
  // An order whose answer was late or lost may have been taken all the same.
  if (isUp(tx.container) && tx.container.addressed && run.life === tx.container.life) disown(tx, run);
  if (run.agent !== null) free(tx, run.agent, run.number, { reason, keepsProcess: false });
  if (setback.kind === "no-room") {
    wait(tx, run, reason);
    return;
  }
  if (run.kind === "check" && run.rig !== null) {
    if (setback.kind === "lost") loseCheck(tx, run.rig, reason);
    else failCheck(tx, run.rig, reason, setback.again);
  }
  if (run.bead !== null) {
    if (setback.kind === "lost") loseAttempt(tx, run, reason);
    else failAttempt(tx, run, reason, setback.again);
  } else if (run.message !== null) {
    if (run.cancelling === 1) endMessage(tx, run, "cancelled", null);
    else if (setback.kind === "lost") loseMessage(tx, run, reason);
    else requeueMessage(tx, run, reason, setback.again);
  }
};

/** Puts back what a run was for, as if it had never begun. */
const wait = (tx: Tx, run: RunRow, reason: string): void => {
  if (run.kind === "check" && run.rig !== null) postponeCheck(tx, run.rig, reason);
  if (run.bead !== null) postponeBead(tx, run, reason);
  else if (run.message !== null) {
    if (run.cancelling === 1) endMessage(tx, run, "cancelled", null);
    else postponeMessage(tx, run, reason);
  }
};
