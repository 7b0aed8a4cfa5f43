import { endRoom } from "../agents/outbox.ts";
import { retire } from "../agents/actions.ts";
import type { CheckResult } from "../../protocol/container/town-up.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { cancelBead } from "../beads/actions.ts";
import { setBead } from "../beads/rows.ts";
import { note } from "../diary/actions.ts";
import { owe } from "../outbox/actions.ts";
import { closeRun } from "../runs/actions.ts";
import { openRuns } from "../runs/rows.ts";
import { Refusal } from "../../protocol/problem.ts";
import { isLocalAddress, type NewRig } from "../../protocol/rig.ts";
import type { Tx } from "../tx.ts";
import { requireRig, RIGS } from "./rows.ts";
import { isWaiting, MAX_CHECK_LOSSES } from "./waiting.ts";

/** A check that could not be made (not: answered with no) is tried so often. */
const CHECK_ATTEMPTS = 3;

/** Adds a rig; its repository is checked by the container before work is given to it. */
export const addRig = (tx: Tx, rig: NewRig): void => {
  if (isLocalAddress(rig.gitUrl) && !tx.world.localPaths)
    throw new Refusal("bad-request", "gitUrl: a path only works where Curfew runs on your own machine");
  if (rig.credential?.kind === "token" && !rig.gitUrl.startsWith("https://"))
    throw new Refusal("bad-request", "credential: a token goes with an https URL");
  if (rig.credential?.kind === "ssh" && (rig.gitUrl.startsWith("https://") || isLocalAddress(rig.gitUrl)))
    throw new Refusal("bad-request", "credential: an ssh key goes with an ssh URL");
  const old = tx.get(RIGS, rig.name);
  if (old !== null && old.state !== "removed" && old.state !== "failed" && !isWaiting(old))
    throw new Refusal("conflict", `There is a rig "${rig.name}" already.`);
  const columns = {
    git_url: rig.gitUrl,
    branch: rig.branch ?? null,
    branch_asked: rig.branch === undefined ? 0 : 1,
    gates: JSON.stringify(rig.gates ?? []),
    credential: rig.credential ? JSON.stringify(rig.credential) : null,
    state: "checking",
    reason: null,
    head: null,
    attempts: 0,
    losses: 0,
    retry_at: null,
    created_at: tx.now,
  } as const;
  if (old === null) tx.add(RIGS, { name: rig.name, ...columns });
  else tx.set(RIGS, rig.name, columns);
  note(tx, "work", `Rig ${rig.name} was added.`, { rig: rig.name });
};

export const applyCheck = (tx: Tx, name: string, result: CheckResult): void => {
  const rig = tx.get(RIGS, name);
  if (rig === null || rig.state !== "checking") return;
  if (result.outcome === "ready") {
    const { branch, head, lacks = null } = result;
    tx.set(RIGS, name, { state: "ready", reason: lacks, branch, head, losses: 0, retry_at: null });
    const words = `Rig ${name} is ready: branch ${branch}.`;
    note(tx, "work", lacks === null ? words : `${words} ${lacks}`, { rig: name });
    return;
  }
  tx.set(RIGS, name, { state: "failed", reason: result.reason, retry_at: null });
  note(tx, "trouble", `Rig ${name} can't be used: ${result.reason}`, { rig: name });
  failWaiting(tx, name, result.reason);
};

/** A check that could not be made: again after a while, or failed. */
export const failCheck = (tx: Tx, name: string, reason: string, again: boolean): void => {
  const rig = tx.get(RIGS, name);
  if (rig === null || rig.state !== "checking") return;
  const attempts = rig.attempts + 1;
  if (again && attempts < CHECK_ATTEMPTS) {
    tx.set(RIGS, name, { attempts, retry_at: tx.retryAt(attempts - 1), reason });
    return;
  }
  tx.set(RIGS, name, { state: "failed", attempts, reason, retry_at: null });
  note(tx, "trouble", `Rig ${name} could not be checked: ${reason}`, { rig: name });
  failWaiting(tx, name, reason);
};

/** There was nowhere to check it: it waits. */
export const postponeCheck = (tx: Tx, name: string, reason: string): void => {
  if (tx.get(RIGS, name)?.state === "checking") tx.set(RIGS, name, { reason });
};

/** A check was lost with its container: no fault of the rig's. After so many it waits, and is not failed. */
export const loseCheck = (tx: Tx, name: string, reason: string): void => {
  const rig = tx.get(RIGS, name);
  if (rig === null || rig.state !== "checking") return;
  const losses = rig.losses + 1;
  if (losses < MAX_CHECK_LOSSES) {
    tx.set(RIGS, name, { losses, retry_at: tx.retryAt(losses - 1), reason });
    return;
  }
  tx.set(RIGS, name, { losses, retry_at: null, reason });
  const words = `Rig ${name} waits, since its check was lost ${losses} times: ${reason}`;
  note(tx, "trouble", `${words} Sling a bead to it, and it is looked at again.`, { rig: name });
};

/** Beads that were slung while the rig was being checked say why they can't start. */
const failWaiting = (tx: Tx, rig: string, reason: string): void => {
  const rows = tx.sql.all<{ number: number }>(
    "SELECT number FROM beads WHERE rig = ? AND status = 'open'",
    rig,
  );
  for (const { number } of rows)
    setBead(tx, number, { status: "failed", reason: `Its rig can't be used: ${reason}` });
};

/** The agents that worked on a rig end with it; what they made stays in the repository. */
const retirePolecats = (tx: Tx, rig: string): void => {
  const rows = tx.sql.all<{ name: AgentName }>(
    `SELECT a.name FROM beads b JOIN agents a ON a.name = b.assignee
     WHERE b.rig = ? AND a.status <> 'ended'`,
    rig,
  );
  for (const { name } of rows) {
    retire(tx, name);
    owe(tx, endRoom, { agent: name, cause: `rig ${rig} was removed` });
  }
};

/** Takes a rig away: its credential is forgotten, its unfinished beads are cancelled, its agents end. */
export const removeRig = (tx: Tx, name: string): void => {
  requireRig(tx, name);
  const rows = tx.sql.all<{ number: number }>(
    "SELECT number FROM beads WHERE rig = ? AND status IN ('open', 'in_progress', 'in_review', 'failed')",
    name,
  );
  for (const { number } of rows) cancelBead(tx, number, "Its rig was removed.");
  // Their fences are stale from here on; the container is told by what is owed to it.
  for (const run of openRuns(tx))
    if (run.rig === name) closeRun(tx, run, "cancelled", "Its rig was removed.");
  retirePolecats(tx, name);
  tx.set(RIGS, name, { state: "removed", credential: null, retry_at: null, reason: null });
  note(tx, "work", `Rig ${name} was removed.`, { rig: name });
};
