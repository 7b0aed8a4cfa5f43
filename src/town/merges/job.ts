import { getBead, setBead } from "../beads/rows.ts";
import { beadId } from "../ids.ts";
import { part } from "../part.ts";
import type { Plan } from "../plan.ts";
import { RIGS } from "../rigs/rows.ts";
import { gatesOf, rigOrder } from "../rigs/view.ts";
import type { OpenRun } from "../runs/facts.ts";
import { startRun } from "../runs/start.ts";
import type { Tx } from "../tx.ts";

/** A bead whose commit waits for its merge. */
export interface MergeJob {
  readonly kind: "merge";
  readonly bead: number;
  readonly rig: string;
  readonly at: number;
}

export const mergeJobs = part(
  `SELECT b.number, b.rig, b.retry_at FROM beads b JOIN rigs r ON r.name = b.rig
   WHERE b.status = 'in_review' AND b.held = 0 AND r.state = 'ready' ORDER BY b.number LIMIT 200`,
  ["beads", "rigs"],
  (sql, statement) =>
    sql
      .all<{ number: number; rig: string; retry_at: number | null }>(statement)
      .map(({ number, rig, retry_at }): MergeJob => ({
        kind: "merge",
        bead: number,
        rig,
        at: retry_at ?? 0,
      })),
);

/** One merge per rig at a time: the second would only lose the race for the branch. */
export const mayMerge = (runs: readonly OpenRun[], { bead, rig }: MergeJob): boolean =>
  !runs.some((run) => run.bead === bead || (run.kind === "merge" && run.rig === rig));

export const prepareMerge = (tx: Tx, job: MergeJob): Plan | null => {
  const bead = getBead(tx, job.bead);
  const rig = tx.get(RIGS, job.rig);
  if (bead === null || rig === null || bead.status !== "in_review") return null;
  if (bead.commit_id === null || bead.branch === null) return null;
  const id = beadId(bead.number);
  const run = startRun(tx, "merge", `merge of ${id}`, { kind: "merge", rig: rig.name, bead: bead.number });
  setBead(tx, bead.number, { retry_at: null });
  return {
    kind: "order",
    run: run.number,
    life: run.life,
    order: {
      ...run.order,
      kind: "merge",
      rig: rigOrder(rig),
      bead: id,
      title: bead.title,
      branch: bead.branch,
      commit: bead.commit_id,
      gates: gatesOf(rig),
      gateMaxMs: tx.config.gateMaxMs,
      intent:
        bead.intent_commit === null || bead.intent_onto === null
          ? null
          : { commit: bead.intent_commit, onto: bead.intent_onto },
    },
  };
};
