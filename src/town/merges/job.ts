import { getBead, setBead } from "../beads/rows.ts";
import { beadJobs, type BeadJob } from "../beads/waiting.ts";
import { beadId } from "../ids.ts";
import type { Plan } from "../plan.ts";
import { RIGS } from "../rigs/rows.ts";
import { gatesOf, rigOrder } from "../rigs/view.ts";
import type { OpenRun } from "../runs/facts.ts";
import { startRun } from "../runs/start.ts";
import type { Tx } from "../tx.ts";

/** A bead whose commit waits for its merge. */
export type MergeJob = BeadJob<"merge">;

export const mergeJobs = beadJobs("merge", "in_review");

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
