import { backoffMs } from "../lifecycle/backoff.ts";
import type { CheckResult } from "../protocol/container/town-up.ts";
import type { AgentName } from "../protocol/primitives.ts";
import type { RigOrder } from "../protocol/container/order.ts";
import { Refusal } from "../protocol/problem.ts";
import type { Credential, NewRig } from "../protocol/rig.ts";
import { cancelBead } from "./beads.ts";
import { closeRun } from "./close-run.ts";
import { owe } from "./errands.ts";
import { presentRig } from "./present.ts";
import type { RigRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** A check that is lost (not: answered with no) is tried so often. */
const CHECK_ATTEMPTS = 3;

const isLocal = (gitUrl: string): boolean => gitUrl.startsWith("/") || gitUrl.startsWith("file:");

/** Adds a rig; its repository is checked by the container before work is given to it. */
export const addRig = (tx: Tx, rig: NewRig, localPaths: boolean): void => {
  if (isLocal(rig.gitUrl) && !localPaths)
    throw new Refusal("bad-request", "gitUrl: a path only works where Curfew runs on your own machine");
  if (rig.credential?.kind === "token" && !rig.gitUrl.startsWith("https://"))
    throw new Refusal("bad-request", "credential: a token goes with an https URL");
  if (rig.credential?.kind === "ssh" && (rig.gitUrl.startsWith("https://") || isLocal(rig.gitUrl)))
    throw new Refusal("bad-request", "credential: an ssh key goes with an ssh URL");
  const old = tx.rig(rig.name);
  if (old !== null && old.state !== "removed" && old.state !== "failed")
    throw new Refusal("conflict", `There is a rig "${rig.name}" already.`);
  const columns = {
    git_url: rig.gitUrl,
    branch: rig.branch ?? null,
    gates: JSON.stringify(rig.gates ?? []),
    credential: rig.credential ? JSON.stringify(rig.credential) : null,
    state: "checking",
    reason: null,
    head: null,
    attempts: 0,
    retry_at: null,
    created_at: tx.now,
  };
  if (old === null) tx.insert("rigs", { name: rig.name, ...columns, seq: tx.stamp() });
  else tx.setRig(rig.name, columns);
  tx.changes.rigs.add(rig.name);
  tx.note("work", `Rig ${rig.name} was added.`, { rig: rig.name });
};

export const rigOrder = (rig: RigRow): RigOrder => ({
  name: rig.name,
  gitUrl: rig.git_url,
  branch: rig.branch,
  credential: rig.credential === null ? null : (JSON.parse(rig.credential) as Credential),
});

export const applyCheck = (tx: Tx, name: string, result: CheckResult): void => {
  const rig = tx.rig(name);
  if (rig === null || rig.state !== "checking") return;
  if (result.outcome === "ready") {
    tx.setRig(name, {
      state: "ready",
      reason: null,
      branch: result.branch,
      head: result.head,
      retry_at: null,
    });
    tx.note("work", `Rig ${name} is ready: branch ${result.branch}.`, { rig: name });
    return;
  }
  tx.setRig(name, { state: "failed", reason: result.reason, retry_at: null });
  tx.note("trouble", `Rig ${name} can't be used: ${result.reason}`, { rig: name });
  failWaiting(tx, name, result.reason);
};

/** A check that gave no answer: again after a while, or failed. */
export const failCheck = (
  tx: Tx,
  name: string,
  reason: string,
  again: boolean,
  retryBaseMs: number,
): void => {
  const rig = tx.rig(name);
  if (rig === null || rig.state !== "checking") return;
  const attempts = rig.attempts + 1;
  if (again && attempts < CHECK_ATTEMPTS) {
    const retryAt = tx.now + backoffMs(attempts - 1, { baseMs: retryBaseMs, maxMs: 300_000 });
    tx.setRig(name, { attempts, retry_at: retryAt, reason });
    return;
  }
  tx.setRig(name, { state: "failed", attempts, reason, retry_at: null });
  tx.note("trouble", `Rig ${name} could not be checked: ${reason}`, { rig: name });
  failWaiting(tx, name, reason);
};

/** Beads that were slung while the rig was being checked say why they can't start. */
const failWaiting = (tx: Tx, rig: string, reason: string): void => {
  const rows = tx.sql.all<{ number: number }>(
    "SELECT number FROM beads WHERE rig = ? AND status = 'open'",
    rig,
  );
  for (const { number } of rows)
    tx.setBead(number, { status: "failed", reason: `Its rig can't be used: ${reason}` });
};

/** The agents that worked on a rig end with it; what they made stays in the repository. */
const retirePolecats = (tx: Tx, rig: string): void => {
  const rows = tx.sql.all<{ name: AgentName }>(
    `SELECT a.name FROM beads b JOIN agents a ON a.name = b.assignee
     WHERE b.rig = ? AND a.status <> 'ended'`,
    rig,
  );
  for (const { name } of rows) {
    tx.setAgent(name, { status: "idle", run: null, process: null, process_life: null, since: tx.now });
    owe(tx, { kind: "end-room", agent: name, cause: `rig ${rig} was removed` });
  }
};

/** Takes a rig away: its credential is forgotten, its unfinished beads are cancelled, its agents end. */
export const removeRig = (tx: Tx, name: string): void => {
  presentRig(tx, name);
  const rows = tx.sql.all<{ number: number }>(
    "SELECT number FROM beads WHERE rig = ? AND status IN ('open', 'in_progress', 'in_review', 'failed')",
    name,
  );
  for (const { number } of rows) cancelBead(tx, number, "Its rig was removed.");
  // Their fences are stale from here on; the container is told by the errands above.
  for (const run of tx.openRuns())
    if (run.rig === name) closeRun(tx, run, "cancelled", "Its rig was removed.");
  retirePolecats(tx, name);
  tx.setRig(name, { state: "removed", credential: null, retry_at: null, reason: null });
  tx.note("work", `Rig ${name} was removed.`, { rig: name });
};
