import type { Diff } from "../../src/protocol/bead.ts";
import type { Checkout } from "./checkout.ts";
import { diffBetween } from "./diff.ts";
import { GitFault } from "./fault.ts";
import { agentAuthor } from "./identity.ts";
import { push } from "./push.ts";
import { otherTarget, refOf, remoteCommit } from "./refs.ts";
import type { Session } from "./session.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { subject } from "./words.ts";

export type Delivery =
  | {
      readonly outcome: "done";
      readonly commit: string;
      readonly base: string;
      readonly diff: Diff;
      /** Where it isn't the order's branch. */
      readonly target?: string;
    }
  | { readonly outcome: "no-commit" };

/** Puts a branch that is only Curfew's to a commit, whatever an earlier attempt had left there. */
const pushOwn = async (session: Session, { repository, commit }: Snapshot, branch: string): Promise<void> => {
  const ref = refOf(branch);
  const expected = await remoteCommit(session, ref);
  if (expected === commit) return;
  const end = await push(session, { repository, commit, ref, expected, updatesCopies: false });
  if (end.outcome === "refused") {
    const { reason, stale } = end;
    throw new GitFault("failed", `${session.remote.url} refused ${branch}: ${reason}.`, stale);
  }
};

/**
 * Pushes the work of a checkout to its branch, and looks at the rig's repository whether it is there.
 *
 * @throws GitFault
 */
export const deliver = async (
  session: Session,
  checkout: Checkout,
  order: { readonly title: string; readonly agent: string },
): Promise<Delivery> => {
  const { base, branch } = checkout;
  const by = { author: agentAuthor(order.agent), message: `${subject(order.title)}\n` };
  const snapshot = await takeSnapshot(session, checkout, by);
  if (snapshot === null) return { outcome: "no-commit" };
  const { repository, commit } = snapshot;
  await pushOwn(session, snapshot, branch);
  if ((await remoteCommit(session, refOf(branch))) !== commit) {
    throw new GitFault("failed", `${session.remote.url} took ${branch}, but has another commit there.`);
  }
  const diff = await diffBetween(session, repository, base, commit);
  return { outcome: "done", commit, base, diff, ...otherTarget(session, checkout.target) };
};

/** Saves the work of a checkout as it is to `<branch>-wip`. `null`: there is none. @throws GitFault */
export const save = async (
  session: Session,
  checkout: Checkout,
): Promise<{ branch: string; commit: string } | null> => {
  const message = `Work in progress on ${checkout.branch}\n\nSaved when the container stopped.\n`;
  const by = { author: agentAuthor("polecat"), message };
  const snapshot = await takeSnapshot(session, checkout, by);
  if (snapshot === null) return null;
  const branch = `${checkout.branch}-wip`;
  await pushOwn(session, snapshot, branch);
  return { branch, commit: snapshot.commit };
};
