import { owe } from "./errands.ts";
import { runId, type RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** Asks the container to end a run; the run is open until it answers or reaches its limit. */
export const cancelRun = (tx: Tx, run: RunRow): void => {
  tx.setRun(run.number, { cancelling: 1 });
  owe(tx, { kind: "cancel-run", life: run.life, run: runId(run.number), fence: run.number });
};

/** Tells the container that a run is none any more, should it have taken it. */
export const disown = (tx: Tx, run: RunRow): void =>
  owe(tx, { kind: "cancel-run", life: run.life, run: runId(run.number), fence: run.number });
