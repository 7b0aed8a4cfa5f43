import type { RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** Ends a run: from here on its fence is stale. */
export const closeRun = (tx: Tx, run: RunRow, outcome: string, reason: string | null): void => {
  tx.setRun(run.number, { state: "ended", ended_at: tx.now, outcome, reason });
};
