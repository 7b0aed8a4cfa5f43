import { part } from "../part.ts";
import type { Plan } from "../plan.ts";
import type { OpenRun } from "../runs/facts.ts";
import { startRun } from "../runs/start.ts";
import type { Tx } from "../tx.ts";
import { RIGS } from "./rows.ts";
import { rigOrder } from "./view.ts";
import { MAX_CHECK_LOSSES } from "./waiting.ts";

/** A rig whose repository must be looked at. */
export interface CheckJob {
  readonly kind: "check";
  readonly rig: string;
  readonly at: number;
}

export const checkJobs = part(
  `SELECT name, retry_at FROM rigs WHERE state = 'checking' AND losses < ${MAX_CHECK_LOSSES}
   ORDER BY created_at`,
  ["rigs"],
  (sql, statement) =>
    sql
      .all<{ name: string; retry_at: number | null }>(statement)
      .map(({ name, retry_at }): CheckJob => ({ kind: "check", rig: name, at: retry_at ?? 0 })),
);

export const mayCheck = (runs: readonly OpenRun[], { rig }: CheckJob): boolean =>
  !runs.some((run) => run.kind === "check" && run.rig === rig);

export const prepareCheck = (tx: Tx, job: CheckJob): Plan | null => {
  const rig = tx.get(RIGS, job.rig);
  if (rig === null || rig.state !== "checking") return null;
  const run = startRun(tx, "check", `check of rig ${rig.name}`, { kind: "check", rig: rig.name });
  return {
    kind: "order",
    run: run.number,
    life: run.life,
    order: { ...run.order, kind: "check", rig: rigOrder(rig) },
  };
};
