import { oweEnd } from "../agents/outbox.ts";
import { owe } from "../outbox/actions.ts";
import { runId } from "../ids.ts";
import type { Tx } from "../tx.ts";
import { cancelOrder } from "./outbox.ts";
import { RUNS, type RunRow } from "./rows.ts";

/** What a new run is about. Its number is its fence. */
export type NewRun = Pick<RunRow, "kind"> &
  Partial<Pick<RunRow, "agent" | "process" | "rig" | "bead" | "message">>;

/** @returns its number */
export const openRun = (tx: Tx, run: NewRun, maxMs: number): number => {
  tx.town.runs += 1;
  const number = tx.town.runs;
  tx.add(RUNS, {
    ...run,
    number,
    state: "starting",
    life: tx.container.life,
    created_at: tx.now,
    due_at: tx.now + maxMs,
  });
  return number;
};

/**
 * Ends a run: from here on its fence is stale, here and in its agent's room. A run that answers a
 * message tells the agent itself, together with what became of the message.
 */
export const closeRun = (tx: Tx, run: RunRow, outcome: string, reason: string | null): void => {
  tx.set(RUNS, run.number, { state: "ended", ended_at: tx.now, outcome, reason });
  if (run.message !== null) return;
  oweEnd(tx, run, {
    // Of a lost run nothing more is heard; one that gave its result may have words on their way.
    state: outcome === "lost" ? "queued" : "done",
    notice: reason === null ? null : { level: "warning", text: reason },
  });
};

/** Asks the container to end a run; the run is open until it answers or reaches its limit. */
export const cancelRun = (tx: Tx, run: RunRow): void => {
  tx.set(RUNS, run.number, { cancelling: 1 });
  disown(tx, run);
};

/** Tells the container that a run is none any more, should it have taken it. */
export const disown = (tx: Tx, run: RunRow): void =>
  owe(tx, cancelOrder, { life: run.life, run: runId(run.number), fence: run.number });
