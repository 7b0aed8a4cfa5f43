import { backoffMs } from "../lifecycle/backoff.ts";
import type { NewBead } from "../protocol/bead.ts";
import type { MergeResult, TurnResult } from "../protocol/container/town-up.ts";
import { Refusal } from "../protocol/problem.ts";
import { first } from "../sql.ts";
import { cancelRun } from "./cancel-run.ts";
import { presentRig } from "./present.ts";
import { beadId, type BeadRow, type RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** Failed attempts of one round, after which a person must look. */
export const BEAD_ATTEMPTS = 3;
/** Runs lost with their container, likewise. */
export const BEAD_LOSSES = 5;

/** A new bead; with a `key` that was used before, the bead it made. */
export const sling = (tx: Tx, order: NewBead): number => {
  if (order.key !== undefined) {
    const same = first<{ number: number }>(tx.sql, "SELECT number FROM beads WHERE key = ?", order.key);
    if (same !== null) return same.number;
  }
  const rig = presentRig(tx, order.rig);
  if (rig.state === "failed")
    throw new Refusal("conflict", `Rig "${rig.name}" can't be used: ${rig.reason ?? "its check failed"}`);
  tx.town.beads += 1;
  const number = tx.town.beads;
  tx.insert("beads", {
    number,
    rig: order.rig,
    title: order.title,
    body: order.body ?? "",
    key: order.key ?? null,
    status: "open",
    created_at: tx.now,
    updated_at: tx.now,
    seq: tx.stamp(),
  });
  tx.changes.beads.add(number);
  tx.note("work", `${beadId(number)} was slung: ${order.title}`, { rig: order.rig, bead: number });
  return number;
};

/** Calls a bead off. What its run pushed stays on its branch; a merge under way can't be called off. */
export const cancelBead = (tx: Tx, number: number, reason: string): void => {
  const bead = tx.bead(number);
  if (bead === null || bead.status === "cancelled") return;
  if (bead.status === "closed") throw new Refusal("conflict", `${beadId(number)} is closed already.`);
  const run = first<RunRow>(
    tx.sql,
    "SELECT * FROM runs WHERE bead = ? AND state <> 'ended' ORDER BY number DESC LIMIT 1",
    number,
  );
  if (run?.kind === "merge" && bead.intent_commit !== null)
    throw new Refusal("conflict", `${beadId(number)} is being merged at this moment.`);
  tx.setBead(number, { status: "cancelled", reason, retry_at: null, held: 0 });
  tx.note("work", `${beadId(number)} was cancelled.`, { rig: bead.rig, bead: number });
  if (run !== null) cancelRun(tx, run);
};

/** A person's retry: a new round for what failed, another try for what is held. */
export const retryBead = (tx: Tx, number: number): void => {
  const bead = tx.bead(number);
  if (bead === null) return;
  if (bead.status === "failed") {
    presentRig(tx, bead.rig);
    tx.setBead(number, {
      // A merge that may have been pushed is looked for before anything is done again.
      status: bead.intent_commit === null ? "open" : "in_review",
      attempts: 0,
      losses: 0,
      reason: null,
      retry_at: null,
      held: 0,
    });
  } else if (bead.held === 1) tx.setBead(number, { held: 0, reason: null, retry_at: null, attempts: 0 });
  else if (bead.retry_at !== null) tx.setBead(number, { retry_at: null });
  else throw new Refusal("conflict", `${beadId(number)} is ${bead.status}: there is nothing to retry.`);
  tx.note("work", `${beadId(number)} is tried again.`, { rig: bead.rig, bead: number });
};

const retryAfter = (tx: Tx, failures: number, retryBaseMs: number): number =>
  tx.now + backoffMs(failures, { baseMs: retryBaseMs, maxMs: 300_000 });

const giveUp = (tx: Tx, bead: BeadRow, reason: string, counts: object): void => {
  tx.setBead(bead.number, { ...counts, status: "failed", reason, retry_at: null });
  if (bead.assignee !== null && tx.agent(bead.assignee) !== null)
    tx.setAgent(bead.assignee, { status: "failed", reason, since: tx.now });
  tx.note("trouble", `${beadId(bead.number)} failed: ${reason}`, {
    rig: bead.rig,
    bead: bead.number,
    agent: bead.assignee,
  });
};

/** What a run of a bead goes back to: a polecat's to the board, a merge's to the refinery's queue. */
const before = (run: RunRow): "open" | "in_review" => (run.kind === "merge" ? "in_review" : "open");

const inWork = (bead: BeadRow | null): bead is BeadRow =>
  bead !== null && (bead.status === "in_progress" || bead.status === "in_review");

/** An attempt failed: the next one after a while, or a person must look. */
export const failAttempt = (
  tx: Tx,
  run: RunRow,
  reason: string,
  again: boolean,
  retryBaseMs: number,
  back: "open" | "in_review" = before(run),
): void => {
  const bead = run.bead === null ? null : tx.bead(run.bead);
  if (!inWork(bead)) return;
  const attempts = bead.attempts + 1;
  if (!again || attempts >= BEAD_ATTEMPTS) {
    giveUp(tx, bead, reason, { attempts });
    return;
  }
  tx.setBead(bead.number, {
    status: back,
    attempts,
    reason,
    feedback: reason,
    retry_at: retryAfter(tx, attempts - 1, retryBaseMs),
  });
  tx.note("trouble", `${beadId(bead.number)} is tried again: ${reason}`, {
    rig: bead.rig,
    bead: bead.number,
    agent: run.agent,
  });
};

/** A run was lost with its container: no fault of the bead's. */
export const loseBead = (tx: Tx, run: RunRow, reason: string, retryBaseMs: number): void => {
  const bead = run.bead === null ? null : tx.bead(run.bead);
  if (!inWork(bead)) return;
  const losses = bead.losses + 1;
  if (losses >= BEAD_LOSSES) {
    giveUp(tx, bead, reason, { losses });
    return;
  }
  tx.setBead(bead.number, {
    status: before(run),
    losses,
    reason,
    retry_at: retryAfter(tx, losses - 1, retryBaseMs),
  });
  tx.note("trouble", `${beadId(bead.number)} goes back: ${reason}`, {
    rig: bead.rig,
    bead: bead.number,
    agent: run.agent,
  });
};

/** A polecat's turn is over. Nothing leaves `in_progress` without a pushed commit or a stated reason. */
export const applyWork = (tx: Tx, run: RunRow, result: TurnResult, retryBaseMs: number): void => {
  const bead = run.bead === null ? null : tx.bead(run.bead);
  if (bead === null) return;
  // What was pushed is on the receipt, even if nobody wants it any more.
  if (result.outcome === "done" && bead.branch !== null)
    tx.sql.run("INSERT OR IGNORE INTO branches (rig, branch) VALUES (?, ?)", bead.rig, bead.branch);
  if (bead.status !== "in_progress") return;
  const about = { rig: bead.rig, bead: bead.number, agent: run.agent };
  switch (result.outcome) {
    case "done": {
      tx.setBead(bead.number, {
        status: "in_review",
        commit_id: result.commit,
        base: result.base,
        reason: null,
        retry_at: null,
        intent_commit: null,
        intent_onto: null,
      });
      tx.sql.run(
        "INSERT OR REPLACE INTO diffs (bead, diff) VALUES (?, ?)",
        bead.number,
        JSON.stringify(result.diff),
      );
      tx.note("work", `${run.agent} finished ${beadId(bead.number)}: ${result.commit.slice(0, 10)}.`, about);
      return;
    }
    case "no-commit":
      if (run.no_change === null) {
        failAttempt(tx, run, "The run ended without a commit.", true, retryBaseMs);
        return;
      }
      tx.setBead(bead.number, {
        status: "closed",
        reason: `No change needed: ${run.no_change}`,
        retry_at: null,
      });
      tx.note("work", `${beadId(bead.number)} needs no change: ${run.no_change}`, about);
      return;
    case "failed":
      failAttempt(tx, run, result.reason, result.again, retryBaseMs);
      return;
    case "cancelled":
      loseBead(tx, run, "The run was cancelled.", retryBaseMs);
      return;
    case "talked":
      failAttempt(tx, run, "The run ended without a word about its work.", true, retryBaseMs);
  }
};

/** A merge run is over. Nothing leaves `in_review` without a merge commit on the target branch. */
export const applyMerge = (tx: Tx, run: RunRow, result: MergeResult, retryBaseMs: number): void => {
  const bead = run.bead === null ? null : tx.bead(run.bead);
  if (bead === null) return;
  const about = { rig: bead.rig, bead: bead.number };
  if (result.outcome === "merged") {
    // True even where the bead was cancelled meanwhile: the commit is on the branch.
    tx.setBead(bead.number, {
      status: "closed",
      merge_commit: result.mergeCommit,
      reason: null,
      retry_at: null,
      held: 0,
      intent_commit: null,
      intent_onto: null,
    });
    tx.note("work", `${beadId(bead.number)} is merged: ${result.mergeCommit.slice(0, 10)}.`, about);
    return;
  }
  if (bead.status !== "in_review") return;
  switch (result.outcome) {
    case "conflict":
    case "gate-failed":
      // Only new work can mend these: back to a polecat, on the branch as it is now.
      failAttempt(tx, run, result.reason, true, retryBaseMs, "open");
      return;
    case "held":
      tx.setBead(bead.number, { held: 1, reason: result.reason, retry_at: null });
      tx.note("trouble", `${beadId(bead.number)} waits for you: ${result.reason}`, about);
      return;
    case "cancelled":
      loseBead(tx, run, "The merge was cancelled.", retryBaseMs);
      return;
    case "failed":
      failAttempt(tx, run, result.reason, result.again, retryBaseMs);
  }
};
