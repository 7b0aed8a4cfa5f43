import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "./session.ts";
import { someOf } from "./words.ts";

/** A folder in which somebody has the branch checked out, in the rig's repository on this machine. */
export interface WorkingCopy {
  readonly folder: string;
  /** Where git keeps what is special to this copy. */
  readonly gitDir: string;
}

/** The user named the repository, so git may look at it though it is another user's. */
export const ANY_OWNER = ["-c", "safe.directory=*"];

const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8").trim() : "");

/** What git itself takes for "checked out" besides `HEAD`: a rebase or a bisection that will come back. */
const comesBackTo = (gitDir: string, branch: string): boolean =>
  read(join(gitDir, "rebase-merge", "head-name")) === `refs/heads/${branch}` ||
  read(join(gitDir, "rebase-apply", "head-name")) === `refs/heads/${branch}` ||
  read(join(gitDir, "BISECT_START")) === branch;

const UNDER_WAY: Readonly<Record<string, string>> = {
  "rebase-merge": "a rebase",
  "rebase-apply": "a rebase",
  MERGE_HEAD: "a merge",
  CHERRY_PICK_HEAD: "a cherry-pick",
  REVERT_HEAD: "a revert",
  BISECT_START: "a bisection",
};

/** Every working copy, the main one and linked ones, that a push to the branch would update. */
export const workingCopies = async (
  { git, remote }: Session,
  branch: string,
): Promise<readonly WorkingCopy[]> => {
  if (remote.protocol !== "file" || !existsSync(remote.folder)) return [];
  const list = [...ANY_OWNER, "worktree", "list", "--porcelain"];
  const { output } = await git(list, { cwd: remote.folder });
  const copies: WorkingCopy[] = [];
  for (const entry of output.split("\n\n")) {
    const lines = entry.split("\n");
    const folder = lines[0]?.slice("worktree ".length) ?? "";
    if (lines.includes("bare") || !existsSync(folder)) continue;
    const ask = [...ANY_OWNER, "rev-parse", "--absolute-git-dir"];
    const gitDir = (await git(ask, { cwd: folder })).output.trim();
    if (lines.includes(`branch refs/heads/${branch}`) || comesBackTo(gitDir, branch)) {
      copies.push({ folder, gitDir });
    }
  }
  return copies;
};

/** Why a working copy can't be updated now; `null` if it is clean. */
export const notClean = async (
  { git }: Session,
  { folder, gitDir }: WorkingCopy,
  branch: string,
): Promise<string | null> => {
  const where = `The branch ${branch} is checked out in ${folder}`;
  for (const [name, what] of Object.entries(UNDER_WAY)) {
    if (!existsSync(join(gitDir, name))) continue;
    return `${where}, where ${what} is under way. Finish or abort it there, then retry.`;
  }
  // The same files as git's own check when it is pushed to.
  const how = ["--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=all"];
  const { output } = await git([...ANY_OWNER, "status", ...how], { cwd: folder });
  if (output === "") return null;
  const files = output
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => entry.slice(3));
  return `${where} with uncommitted changes (${someOf(files, 5)}). Commit or stash them there, then retry.`;
};
