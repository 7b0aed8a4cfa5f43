import { existsSync, lstatSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import type { GitAnswer } from "./git.ts";
import { type ByteName, bytesOf, fieldsOf, nameFrom, shown, within } from "./names.ts";
import { ownersFilters } from "./owners-filters.ts";
import { reach } from "./reach.ts";
import type { Session } from "./session.ts";
import { someOf } from "./words.ts";

/** A folder in which somebody has the branch checked out, in the rig's repository on this machine. */
export interface WorkingCopy {
  readonly folder: ByteName;
  /** Where git keeps what is special to this copy; `null`: the files are elsewhere, and git doesn't say where. */
  readonly gitDir: ByteName | null;
}

/** The user named the repository, so git may look at it though it is another user's. */
const ANY_OWNER = ["-c", "safe.directory=*"];

/** Runs a command in a working copy that only looks at it. @throws GitFault */
export const inCopy = async (
  session: Session,
  { folder }: Pick<WorkingCopy, "folder">,
  args: readonly string[],
): Promise<GitAnswer> => {
  const env = await ownersFilters(session);
  return session.git([...ANY_OWNER, ...args], { cwd: reach(session, folder), env });
};

const read = (file: ByteName): Buffer => {
  try {
    return readFileSync(bytesOf(file));
  } catch {
    return Buffer.alloc(0);
  }
};

const line = (file: ByteName): string => read(file).toString("utf8").trim();

/** What git itself takes for "checked out" besides `HEAD`: a rebase or a bisection that will come back. */
const comesBackTo = (gitDir: ByteName, branch: string): boolean =>
  line(within(gitDir, "rebase-merge/head-name")) === `refs/heads/${branch}` ||
  line(within(gitDir, "rebase-apply/head-name")) === `refs/heads/${branch}` ||
  line(within(gitDir, "BISECT_START")) === branch;

const UNDER_WAY: Readonly<Record<string, string>> = {
  "rebase-merge": "a rebase",
  "rebase-apply": "a rebase",
  MERGE_HEAD: "a merge",
  CHERRY_PICK_HEAD: "a cherry-pick",
  REVERT_HEAD: "a revert",
  BISECT_START: "a bisection",
};

/** The `.git` of a working copy: a folder, or in a linked one a file that says where. */
const gitDirOf = (folder: ByteName): ByteName | null => {
  const dotGit = within(folder, ".git");
  const is = lstatSync(bytesOf(dotGit), { throwIfNoEntry: false });
  if (is === undefined) return null;
  if (!is.isFile()) return dotGit;
  const named = /^gitdir: ([^\n]*)/.exec(nameFrom(read(dotGit)))?.[1];
  if (named === undefined) return null;
  return (named.startsWith("/") ? named : posix.join(folder, named)) as ByteName;
};

/** An entry of the list; the name of a folder may hold line breaks too. */
const ENTRY = /^worktree ([^]*?)\n(?:bare|HEAD [0-9a-f]+\n(?:branch (.*)|detached))$/gm;

/** Every working copy, the main one and linked ones, that a push to the branch would update. */
export const workingCopies = async (session: Session, branch: string): Promise<readonly WorkingCopy[]> => {
  const { git, remote } = session;
  if (remote.protocol !== "file" || !existsSync(remote.folder)) return [];
  const list = [...ANY_OWNER, "worktree", "list", "--porcelain"];
  const { bytes } = await git(list, { cwd: remote.folder });
  const copies: WorkingCopy[] = [];
  for (const [entry, path, ref] of nameFrom(bytes).matchAll(ENTRY)) {
    const folder = path as ByteName;
    if (entry.endsWith("\nbare") || !existsSync(bytesOf(folder))) continue;
    const gitDir = gitDirOf(folder);
    const isOut = ref !== undefined && bytesOf(ref as ByteName).toString("utf8") === `refs/heads/${branch}`;
    if (isOut || (gitDir !== null && comesBackTo(gitDir, branch))) copies.push({ folder, gitDir });
  }
  return copies;
};

/** Why a working copy can't be updated now; `null` if it is clean. */
export const notClean = async (
  session: Session,
  copy: WorkingCopy,
  branch: string,
): Promise<string | null> => {
  const where = `The branch ${branch} is checked out in ${shown(copy.folder)}`;
  const { gitDir } = copy;
  if (gitDir === null) {
    return `${where}, whose files are elsewhere (core.worktree or a separate git folder): no push can update them. Check out another branch there, then retry.`;
  }
  for (const [name, what] of Object.entries(UNDER_WAY)) {
    if (!existsSync(bytesOf(within(gitDir, name)))) continue;
    return `${where}, where ${what} is under way. Finish or abort it there, then retry.`;
  }
  // The same files as git's own check when it is pushed to.
  const how = ["--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=all"];
  const { bytes } = await inCopy(session, copy, ["status", ...how]);
  const files = fieldsOf(bytes).map((entry) => shown(entry.slice(3) as ByteName));
  if (files.length === 0) return null;
  return `${where} with uncommitted changes (${someOf(files, 5)}). Commit or stash them there, then retry.`;
};
