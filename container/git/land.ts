import type { MergeResult } from "../../src/protocol/container/town-up.ts";
import { GitFault } from "./fault.ts";
import { contains } from "./history.ts";
import { mirroredTarget, withFreshMirror } from "./mirror.ts";
import { shown } from "./names.ts";
import { type Change, obstacle } from "./obstacle.ts";
import { push, type PushEnd } from "./push.ts";
import { otherTarget } from "./refs.ts";
import type { Session } from "./session.ts";
import { type WorkingCopy, workingCopies } from "./working-copies.ts";

/** How one try ended. `moved`: somebody else pushed first; make the merge anew. */
export type Landing = MergeResult | { readonly outcome: "moved" };

/** What a push said; a fault if it broke off, after which the commit may be there or not. */
const tryPush = async (
  session: Session,
  { repository, commit, onto, target }: Change,
  updatesCopies: boolean,
): Promise<PushEnd | GitFault> => {
  const ref = `refs/heads/${target}`;
  try {
    return await push(session, { repository, commit, ref, expected: onto, updatesCopies });
  } catch (error) {
    if (error instanceof GitFault && error.kind !== "cancelled") return error;
    throw error;
  }
};

/** Where the branch is now, and whether it has the merge. */
const look = (session: Session, { commit, target }: Change) =>
  withFreshMirror(session, async (mirror) => {
    const { head } = await mirroredTarget(session, mirror, target);
    return { head, has: await contains({ session, repository: mirror }, head, commit) };
  });

const refusal = (
  { remote }: Session,
  target: string,
  copies: readonly WorkingCopy[],
  reason: string,
): Landing => {
  if (copies.length === 0) {
    const sentence = `${remote.url} refused the merge into ${target}: ${reason}.`;
    return { outcome: "failed", reason: sentence, again: false };
  }
  // Our own look found nothing: it changed in the moment between.
  const folders = copies.map(({ folder }) => shown(folder)).join(", ");
  const todo = "Commit or stash what is open there, then retry.";
  const sentence = `The branch ${target} is checked out in ${folders}, which git could not update: ${reason}. ${todo}`;
  return { outcome: "held", reason: sentence };
};

/**
 * Pushes a change and sees for itself whether it arrived.
 *
 * @throws GitFault
 */
export const land = async (session: Session, change: Change): Promise<Landing> => {
  const { commit, onto, target } = change;
  const copies = await workingCopies(session, target);
  const late = await obstacle(session, change, copies);
  if (late !== null) return { outcome: "held", reason: late };
  const end = await tryPush(session, change, copies.length > 0);
  const { head, has } = await look(session, change);
  if (has) return { outcome: "merged", mergeCommit: commit, ...otherTarget(session, target) };
  if (end instanceof GitFault) throw end;
  if (end.outcome === "pushed") {
    throw new GitFault("failed", `${target} took the merge, but somebody has rewritten it since.`);
  }
  if (end.stale || head !== onto) return { outcome: "moved" };
  return refusal(session, target, await workingCopies(session, target), end.reason);
};
