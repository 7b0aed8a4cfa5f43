import { failAttempt, loseAttempt } from "../beads/actions.ts";
import { getBead, setBead } from "../beads/rows.ts";
import { note } from "../diary/actions.ts";
import { beadId } from "../ids.ts";
import type { GateResult } from "../../protocol/bead.ts";
import type { MergeResult, TownDown, TownEvent } from "../../protocol/container/town-up.ts";
import { followBranch } from "../rigs/branch.ts";
import type { RunRow } from "../runs/rows.ts";
import { first } from "../../sql.ts";
import type { Tx } from "../tx.ts";
import { GATES } from "./rows.ts";

/** One gate of a run has ended. */
export const applyGate = (tx: Tx, run: RunRow, result: GateResult): void => {
  if (run.bead === null) return;
  const counted = first<{ n: number }>(
    tx.sql,
    "SELECT COUNT(*) AS n FROM gates WHERE bead = ? AND run = ?",
    run.bead,
    run.number,
  );
  tx.add(GATES, { bead: run.bead, run: run.number, n: counted?.n ?? 0, result: JSON.stringify(result) });
  setBead(tx, run.bead, {});
};

/** A merge says what it means to push, and may push once that is recorded. */
export const applyIntent = (
  tx: Tx,
  run: RunRow,
  event: Extract<TownEvent, { type: "intent" }>,
): TownDown | null => {
  const bead = getBead(tx, run.bead);
  if (bead === null || bead.status !== "in_review") return null;
  setBead(tx, bead.number, { intent_commit: event.commit, intent_onto: event.onto });
  return { type: "recorded", runId: event.runId, commit: event.commit };
};

/** A merge run is over. Nothing leaves `in_review` without a merge commit on the target branch. */
export const applyMerge = (tx: Tx, run: RunRow, result: MergeResult): void => {
  const bead = getBead(tx, run.bead);
  if (bead === null) return;
  const about = { rig: bead.rig, bead: bead.number };
  const id = beadId(bead.number);
  if (result.outcome === "merged") {
    // True even where the bead was cancelled meanwhile: the commit is on the branch.
    setBead(tx, bead.number, {
      status: "closed",
      merge_commit: result.mergeCommit,
      reason: null,
      retry_at: null,
      held: 0,
      intent_commit: null,
      intent_onto: null,
    });
    followBranch(tx, bead.rig, result.target);
    note(tx, "work", `${id} is merged: ${result.mergeCommit.slice(0, 10)}.`, about);
    return;
  }
  if (bead.status !== "in_review") return;
  switch (result.outcome) {
    case "conflict":
    case "gate-failed":
      // Only new work can mend these: back to a polecat, on the branch as it is now.
      failAttempt(tx, run, result.reason, true, "open");
      return;
    case "held":
      setBead(tx, bead.number, { held: 1, reason: result.reason, retry_at: null });
      note(tx, "trouble", `${id} waits for you: ${result.reason}`, about);
      return;
    case "cancelled":
      loseAttempt(tx, run, "The merge was cancelled.");
      return;
    case "failed":
      failAttempt(tx, run, result.reason, result.again);
  }
};
