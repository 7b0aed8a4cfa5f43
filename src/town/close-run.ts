import { oweEnd } from "./errands.ts";
import type { RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/**
 * Ends a run: from here on its fence is stale, here and in its agent's room. A run that answers a
 * message tells the agent itself, together with what became of the message.
 */
export const closeRun = (tx: Tx, run: RunRow, outcome: string, reason: string | null): void => {
  tx.setRun(run.number, { state: "ended", ended_at: tx.now, outcome, reason });
  if (run.message !== null) return;
  oweEnd(tx, run, {
    // Of a lost run nothing more is heard; one that gave its result may have words on their way.
    state: outcome === "lost" ? "queued" : "done",
    notice: reason === null ? null : { level: "warning", text: reason },
  });
};
