import { failAttempt, loseBead } from "./beads.ts";
import { disown } from "./cancel-run.ts";
import { closeRun } from "./close-run.ts";
import { isUp } from "./container.ts";
import { endMessage, requeueMessage } from "./messages.ts";
import { failCheck } from "./rigs.ts";
import type { RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** Whether what one boot of the container took is this boot's; of a boot that is unknown nothing can be said. */
export const isOf = (taker: string | null, boot: string | null): boolean => taker === null || taker === boot;

/** Why a run is lost whose boot of the container was replaced by another in the same life. */
export const RESTARTED = "The container was restarted, and the run with it.";

/** What a new run is about. Its number is its fence. */
export type NewRun = Pick<RunRow, "kind"> &
  Partial<Pick<RunRow, "agent" | "process" | "rig" | "bead" | "message">>;

export const openRun = (tx: Tx, run: NewRun, maxMs: number): number => {
  tx.town.runs += 1;
  tx.insert("runs", {
    number: tx.town.runs,
    kind: run.kind,
    state: "starting",
    life: tx.container.life,
    agent: run.agent ?? null,
    process: run.process ?? null,
    rig: run.rig ?? null,
    bead: run.bead ?? null,
    message: run.message ?? null,
    created_at: tx.now,
    due_at: tx.now + maxMs,
  });
  tx.changes.town = true;
  return tx.town.runs;
};

/** How a run that gave no result of its own goes back to where it came from. */
export type Setback =
  /** Lost with its container or over its time: no fault of the work. */
  | { readonly kind: "lost"; readonly reason: string }
  /** It failed; `again` says whether trying again by itself makes sense. */
  | { readonly kind: "failed"; readonly reason: string; readonly again: boolean };

/** Ends a run without a result and gives its bead, message or rig the next try, or fails it. */
export const setBack = (tx: Tx, run: RunRow, setback: Setback, retryBaseMs: number): void => {
  closeRun(tx, run, setback.kind, setback.reason);
  // An order whose answer was late or lost may have been taken all the same.
  if (isUp(tx.container) && tx.container.addressed && run.life === tx.container.life) disown(tx, run);
  if (run.agent !== null) {
    const agent = tx.agent(run.agent);
    if (agent?.run === run.number)
      tx.setAgent(run.agent, {
        status: "idle",
        reason: setback.reason,
        run: null,
        process: null,
        process_life: null,
        since: tx.now,
      });
  }
  const again = setback.kind === "lost" || setback.again;
  if (run.kind === "check" && run.rig !== null) failCheck(tx, run.rig, setback.reason, again, retryBaseMs);
  if (run.bead !== null) {
    if (setback.kind === "lost") loseBead(tx, run, setback.reason, retryBaseMs);
    else failAttempt(tx, run, setback.reason, again, retryBaseMs);
  } else if (run.message !== null) {
    if (run.cancelling === 1) endMessage(tx, run, "cancelled", null);
    else requeueMessage(tx, run, setback.reason, again, retryBaseMs);
  }
};
