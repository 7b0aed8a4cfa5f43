import { note } from "../diary/actions.ts";
import { beadId, numberOf } from "../ids.ts";
import type { TownEvent, TurnResult } from "../../protocol/container/town-up.ts";
import { followBranch } from "../rigs/branch.ts";
import type { RunRow } from "../runs/rows.ts";
import type { Tx } from "../tx.ts";
import { failAttempt, loseAttempt } from "./actions.ts";
import { DIFFS, getBead, noteBranch, setBead } from "./rows.ts";
import { branchOf } from "./rules.ts";

/** A polecat's turn is over. Nothing leaves `in_progress` without a pushed commit or a stated reason. */
export const applyWork = (tx: Tx, run: RunRow, result: TurnResult): void => {
  const bead = getBead(tx, run.bead);
  if (bead === null) return;
  const branch = branchOf(tx.world.charter.town, bead.number);
  if (result.outcome === "done") {
    followBranch(tx, bead.rig, result.target);
    noteBranch(tx, bead.rig, branch);
  }
  if (bead.status !== "in_progress") return;
  const { number } = bead;
  const about = { rig: bead.rig, bead: number, agent: run.agent };
  switch (result.outcome) {
    case "done": {
      setBead(tx, number, {
        status: "in_review",
        branch,
        commit_id: result.commit,
        base: result.base,
        reason: null,
        retry_at: null,
        intent_commit: null,
        intent_onto: null,
      });
      tx.add(DIFFS, { bead: number, diff: JSON.stringify(result.diff) }, "replace");
      note(tx, "work", `${run.agent} finished ${beadId(number)}: ${result.commit.slice(0, 10)}.`, about);
      return;
    }
    case "no-commit":
      if (run.no_change === null) {
        failAttempt(tx, run, "The run ended without a commit.", true);
        return;
      }
      setBead(tx, number, {
        status: "closed",
        reason: `No change needed: ${run.no_change}`,
        retry_at: null,
      });
      note(tx, "work", `${beadId(number)} needs no change: ${run.no_change}`, about);
      return;
    case "failed":
      failAttempt(tx, run, result.reason, result.again);
      return;
    case "cancelled":
      loseAttempt(tx, run, "The run was cancelled.");
      return;
    case "talked":
      failAttempt(tx, run, "The run ended without a word about its work.", true);
  }
};

/** Work in progress was saved before the container stopped. */
export const applySaved = (tx: Tx, event: Extract<TownEvent, { type: "saved" }>): void => {
  const bead = getBead(tx, numberOf(event.bead));
  if (bead === null) return;
  noteBranch(tx, bead.rig, event.branch);
  if (bead.branch === null) setBead(tx, bead.number, { branch: event.branch });
  note(tx, "work", `Work in progress of ${event.bead} was saved on ${event.branch}.`, {
    rig: bead.rig,
    bead: bead.number,
  });
};
