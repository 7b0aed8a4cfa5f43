import { failAgent } from "../agents/actions.ts";
import { note } from "../diary/actions.ts";
import { beadId } from "../ids.ts";
import type { NewBead } from "../../protocol/bead.ts";
import { Refusal } from "../../protocol/problem.ts";
import { first } from "../../sql.ts";
import { cancelRun } from "../runs/actions.ts";
import type { RunRow } from "../runs/rows.ts";
import { requireRig } from "../rigs/rows.ts";
import { wantRig } from "../rigs/waiting.ts";
import type { Tx } from "../tx.ts";
import { addBead, getBead, setBead, type BeadRow } from "./rows.ts";
import { BEAD_ATTEMPTS, BEAD_LOSSES, isInWork, placeBefore } from "./rules.ts";

/** A new bead; with a `key` that was used before, the bead it made. */
export const sling = (tx: Tx, order: NewBead): number => {
  if (order.key !== undefined) {
    const same = first<{ number: number }>(tx.sql, "SELECT number FROM beads WHERE key = ?", order.key);
    if (same !== null) return same.number;
  }
  const rig = requireRig(tx, order.rig);
  if (rig.state === "failed")
    throw new Refusal("conflict", `Rig "${rig.name}" can't be used: ${rig.reason ?? "its check failed"}`);
  wantRig(tx, rig);
  tx.town.beads += 1;
  const number = tx.town.beads;
  const { title, body = "", key = null } = order;
  addBead(tx, { number, rig: order.rig, title, body, key });
  note(tx, "work", `${beadId(number)} was slung: ${title}`, { rig: order.rig, bead: number });
  return number;
};

/** Calls a bead off. What its run pushed stays on its branch; a merge under way can't be called off. */
export const cancelBead = (tx: Tx, number: number, reason: string): void => {
  const bead = getBead(tx, number);
  if (bead === null || bead.status === "cancelled") return;
  if (bead.status === "closed") throw new Refusal("conflict", `${beadId(number)} is closed already.`);
  const run = first<RunRow>(
    tx.sql,
    "SELECT * FROM runs WHERE bead = ? AND state <> 'ended' ORDER BY number DESC LIMIT 1",
    number,
  );
  if (run?.kind === "merge" && bead.intent_commit !== null)
    throw new Refusal("conflict", `${beadId(number)} is being merged at this moment.`);
  setBead(tx, number, { status: "cancelled", reason, retry_at: null, held: 0 });
  note(tx, "work", `${beadId(number)} was cancelled.`, { rig: bead.rig, bead: number });
  if (run !== null) cancelRun(tx, run);
};

/** A person's retry: a new round for what failed, another try for what is held. */
export const retryBead = (tx: Tx, number: number): void => {
  const bead = getBead(tx, number);
  if (bead === null) return;
  if (bead.status === "failed") {
    requireRig(tx, bead.rig);
    setBead(tx, number, {
      // A merge that may have been pushed is looked for before anything is done again.
      status: bead.intent_commit === null ? "open" : "in_review",
      attempts: 0,
      losses: 0,
      reason: null,
      retry_at: null,
      held: 0,
    });
  } else if (bead.held === 1) setBead(tx, number, { held: 0, reason: null, retry_at: null, attempts: 0 });
  else if (bead.retry_at !== null) setBead(tx, number, { retry_at: null });
  else throw new Refusal("conflict", `${beadId(number)} is ${bead.status}: there is nothing to retry.`);
  note(tx, "work", `${beadId(number)} is tried again.`, { rig: bead.rig, bead: number });
};

const giveUp = (
  tx: Tx,
  bead: BeadRow,
  reason: string,
  counts: Partial<Pick<BeadRow, "attempts" | "losses">>,
): void => {
  setBead(tx, bead.number, { ...counts, status: "failed", reason, retry_at: null });
  failAgent(tx, bead.assignee, reason);
  note(tx, "trouble", `${beadId(bead.number)} failed: ${reason}`, {
    rig: bead.rig,
    bead: bead.number,
    agent: bead.assignee,
  });
};

/** An attempt failed: the next one after a while, or a person must look. */
export const failAttempt = (
  tx: Tx,
  run: RunRow,
  reason: string,
  again: boolean,
  place: "open" | "in_review" = placeBefore(run),
): void => {
  const bead = getBead(tx, run.bead);
  if (!isInWork(bead)) return;
  const attempts = bead.attempts + 1;
  if (!again || attempts >= BEAD_ATTEMPTS) {
    giveUp(tx, bead, reason, { attempts });
    return;
  }
  setBead(tx, bead.number, {
    status: place,
    attempts,
    reason,
    feedback: reason,
    retry_at: tx.retryAt(attempts - 1),
  });
  note(tx, "trouble", `${beadId(bead.number)} is tried again: ${reason}`, {
    rig: bead.rig,
    bead: bead.number,
    agent: run.agent,
  });
};

/** A run was lost with its container: no fault of the bead's. */
export const loseAttempt = (tx: Tx, run: RunRow, reason: string): void => {
  const bead = getBead(tx, run.bead);
  if (!isInWork(bead)) return;
  const losses = bead.losses + 1;
  if (losses >= BEAD_LOSSES) {
    giveUp(tx, bead, reason, { losses });
    return;
  }
  setBead(tx, bead.number, { status: placeBefore(run), losses, reason, retry_at: tx.retryAt(losses - 1) });
  note(tx, "trouble", `${beadId(bead.number)} goes back: ${reason}`, {
    rig: bead.rig,
    bead: bead.number,
    agent: run.agent,
  });
};

/** A run never began, for want of a container: the bead waits, with nothing counted. */
export const postponeBead = (tx: Tx, run: RunRow, reason: string): void => {
  const bead = getBead(tx, run.bead);
  if (isInWork(bead)) setBead(tx, bead.number, { status: placeBefore(run), reason });
};
