import type { RunId } from "../../protocol/primitives.ts";
import { isUp, wakeUp } from "../container/rules.ts";
import { touch } from "../container/touches.ts";
import { note } from "../diary/actions.ts";
import { runId } from "../ids.ts";
import type { Tx } from "../tx.ts";
import { openRun, type NewRun } from "./actions.ts";
import { openRuns } from "./rows.ts";

/** A run that was begun, and what every order says of its run. */
interface StartedRun {
  readonly number: number;
  readonly life: number;
  readonly order: { readonly runId: RunId; readonly fence: number; readonly maxMs: number };
}

/**
 * Opens the run, writes down the touch, and wakes the container's record if it sleeps.
 *
 * @param touched the reason by which touches are counted, such as `merge`
 * @param about what exactly, such as `merge of b3`
 */
export const startRun = (tx: Tx, touched: string, about: string, run: NewRun): StartedRun => {
  touch(tx, touched);
  if (!isUp(tx.container)) {
    tx.container = wakeUp(tx.container, `Waking for: ${about}.`, tx.now);
    // While there is no room this is tried again and again: said once.
    if (tx.container.refusals === 0) note(tx, "life", `The container wakes: ${about}.`);
  } else if (tx.container.lostAt !== null && openRuns(tx).length === 0) {
    // Nobody missed its socket while nothing ran: it has its grace from now on.
    tx.setContainer({ lostAt: tx.now });
  }
  const { runMaxMs, stopDeadlineMs } = tx.config;
  // The container keeps the limit itself; the town's own is later, for a container that doesn't.
  const number = openRun(tx, run, runMaxMs + stopDeadlineMs);
  return {
    number,
    life: tx.container.life,
    order: { runId: runId(number), fence: number, maxMs: runMaxMs },
  };
};
