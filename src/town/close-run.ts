import { owe } from "./errands.ts";
import { runId, type RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/**
 * Ends a run: from here on its fence is stale, here and in its agent's room. A run that answers a
 * message tells the agent itself, together with what became of the message.
 */
export const closeRun = (tx: Tx, run: RunRow, outcome: string, reason: string | null): void => {
  tx.setRun(run.number, { state: "ended", ended_at: tx.now, outcome, reason });
  if (run.agent === null || run.message !== null) return;
  owe(tx, {
    kind: "tell-agent",
    agent: run.agent,
    word: {
      kind: "end",
      run: runId(run.number),
      fence: run.number,
      message: null,
      // Of a lost run nothing more is heard; one that gave its result may have words on their way.
      state: outcome === "lost" ? "queued" : "done",
      notice: reason === null ? null : { level: "warning", text: reason },
    },
  });
};
