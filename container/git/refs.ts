import * as v from "valibot";
import { BranchName } from "../../src/protocol/primitives.ts";
import { GitFault } from "./fault.ts";
import type { Session } from "./session.ts";

/** A branch and its newest commit. */
export interface Tip {
  readonly branch: string;
  readonly head: string;
}

/**
 * Refuses what is no branch name, or could be taken for an option.
 *
 * @throws GitFault of kind `address`
 */
export const refOf = (branch: string): string => {
  if (v.is(BranchName, branch)) return `refs/heads/${branch}`;
  throw new GitFault("address", `${JSON.stringify(branch)} is not the name of a branch.`);
};

export const noCommits = ({ remote }: Session): GitFault =>
  new GitFault("absent", `${remote.url} has no commits yet: push a first one, then try again.`);

export const noBranch = ({ remote }: Session, branch: string): GitFault =>
  new GitFault("absent", `${remote.url} has no branch ${branch}.`);

interface Listing {
  /** The branch that `HEAD` is; `null` if it is none (detached, or without a commit). */
  readonly headBranch: string | null;
  readonly commits: ReadonlyMap<string, string>;
}

/** Asks the rig's repository. Without patterns, for all of its branches. */
const list = async ({ git, remote }: Session, ...refs: readonly string[]): Promise<Listing> => {
  const kind = refs.length === 0 ? ["--heads"] : ["--symref"];
  const { output } = await git(["ls-remote", ...kind, "--", remote.url, ...refs], { remote: true });
  const rows = output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t") as [string, string]);
  const symbolic = rows.find(([value, name]) => value.startsWith("ref: ") && name === "HEAD")?.[0];
  return {
    headBranch: symbolic?.startsWith("ref: refs/heads/") ? symbolic.slice(16) : null,
    commits: new Map(rows.filter(([value]) => !value.startsWith("ref: ")).map(([id, name]) => [name, id])),
  };
};

/** The commit that a ref of the rig's repository is right now; `null`: there is no such ref. */
export const remoteCommit = async (session: Session, ref: string): Promise<string | null> =>
  (await list(session, ref)).commits.get(ref) ?? null;

/** What the names of the branches begin with that beads are pushed to. */
const BEADS = "curfew";

/**
 * Sees that beads can be pushed: git stores branches as files, and where one is there can be no folder.
 *
 * @throws GitFault if not
 */
export const seeRoomForBeads = async (session: Session): Promise<void> => {
  if ((await remoteCommit(session, refOf(BEADS))) === null) return;
  throw new GitFault(
    "address",
    `${session.remote.url} has a branch ${BEADS}: with it there can be none of the name ${BEADS}/…, where beads are pushed to. Rename it.`,
  );
};

/**
 * The rig's target branch as its repository has it right now: where a default is gone, the present one.
 *
 * @throws GitFault if there is none
 */
export const remoteTarget = async (session: Session): Promise<Tip> => {
  const named = session.rig.branch;
  const wanted = named === null ? "HEAD" : refOf(named);
  const { headBranch, commits } = await list(session, wanted);
  const branch = named ?? headBranch;
  const head = commits.get(wanted);
  if (branch !== null && head !== undefined) return { branch, head };
  if (session.rig.branchIsDefault === true) {
    // Renamed, most likely: nobody asked for the branch by name.
    const { name, gitUrl, credential } = session.rig;
    return remoteTarget({ ...session, rig: { name, gitUrl, credential, branch: null } });
  }
  if ((await list(session)).commits.size === 0) throw noCommits(session);
  if (named !== null) throw noBranch(session, named);
  throw new GitFault(
    "absent",
    `${session.remote.url} has no default branch: its HEAD is no branch that has commits. Give the rig a branch.`,
  );
};

/** What a result says of the branch that it is for: nothing where that is the order's own. */
export const otherTarget = ({ rig }: Session, target: string): { readonly target?: string } =>
  rig.branch === null || rig.branch === target ? {} : { target };
