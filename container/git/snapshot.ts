import { existsSync, lstatSync } from "node:fs";
import { copyFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";
import { GitFault } from "./fault.ts";
import { contains, hasCommit, related, treeOf } from "./history.ts";
import { type Author, commitEnvironment } from "./identity.ts";
import { makePrivateRepository } from "./private-repository.ts";
import type { Session } from "./session.ts";

/** A checkout's work as one commit, in a private repository that has it. */
export interface Snapshot {
  readonly repository: string;
  readonly commit: string;
}

const isFolder = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Fetches what the agent committed.
 *
 * @returns the checkout's `HEAD`; `null` if the agent has broken or removed its repository
 */
const takeHead = async ({ git }: Session, repository: string, directory: string): Promise<string | null> => {
  // A `.git` that only points somewhere could point to what isn't the agent's.
  if (!isFolder(join(directory, ".git"))) return null;
  const options = { cwd: repository, accept: [0, 1, 128] };
  const { output } = await git(["ls-remote", "--", directory, "HEAD"], options);
  const head = /^([0-9a-f]{40,64})\tHEAD$/m.exec(output)?.[1];
  if (head === undefined) return null;
  const how = ["--quiet", "--no-tags", "--no-write-fetch-head"];
  await git(["fetch", ...how, "--", directory, "HEAD"], options);
  return head;
};

/** Begins with the agent's index, so that only files that changed are read. */
const copyIndex = async (directory: string, index: string): Promise<void> => {
  const original = join(directory, ".git", "index");
  await copyFile(original, index);
  // Git looks closer at files that changed in the second in which the index was written, or later.
  const { mtimeMs } = await stat(original);
  const seconds = Math.floor(mtimeMs / 1000);
  await utimes(index, seconds, seconds);
};

/**
 * The checkout's files as a tree, untracked ones that aren't ignored included. The repository is
 * ours and so is its configuration: filters, hooks and monitors that an agent may have set up in its
 * `.git` don't run.
 */
const takeTree = async (
  { git, folder }: Session,
  repository: string,
  directory: string,
  parent: string,
): Promise<string> => {
  const index = join(folder, "index");
  const options = { cwd: directory, env: { GIT_INDEX_FILE: index } };
  const ignore = `core.excludesFile=${join(directory, ".git", "info", "exclude")}`;
  const here = ["-c", ignore, `--git-dir=${repository}`, `--work-tree=${directory}`];
  const stage = async () => {
    // Git would look into a submodule with the submodule's own configuration; its commit stays.
    const { output } = await git([...here, "ls-files", "--stage", "-z"], options);
    const submodules = output.split("\0").filter((entry) => entry.startsWith("160000 "));
    const paths = submodules.map((entry) => `${entry.slice(entry.indexOf("\t") + 1)}\0`).join("");
    const skip = ["update-index", "--skip-worktree", "-z", "--stdin"];
    await git([...here, ...skip], { ...options, input: paths });
    await git([...here, "add", "--all"], options);
    return (await git([...here, "write-tree"], options)).output.trim();
  };
  try {
    await copyIndex(directory, index);
    return await stage();
  } catch (error) {
    if (error instanceof GitFault && error.kind === "cancelled") throw error;
    // An index that is missing, damaged or split over several files.
    await rm(index, { force: true });
    await git([...here, "read-tree", parent], options);
    return stage();
  }
};

/**
 * Takes the work of a checkout as a commit: the agent's own newest one if it committed everything,
 * else a new one on top of it. The checkout itself is only read.
 *
 * @returns `null` if there is nothing that `base` hasn't
 * @throws GitFault
 */
export const takeSnapshot = async (
  session: Session,
  { directory, base }: Checkout,
  { author, message }: { readonly author: Author; readonly message: string },
): Promise<Snapshot | null> => {
  if (!existsSync(directory)) throw new GitFault("absent", "The bead's checkout is gone.", true);
  const repository = await makePrivateRepository(session, base);
  const place = { session, repository };
  const head = await takeHead(session, repository, directory);
  const whole = head !== null && (await hasCommit(place, head)) && (await related(place, head, base));
  // What has another history could never be merged; its files can.
  const parent = whole ? head : base;
  const tree = await takeTree(session, repository, directory, parent);
  if (tree === (await treeOf(place, base))) return null;
  if (tree === (await treeOf(place, parent))) {
    return (await contains(place, base, parent)) ? null : { repository, commit: parent };
  }
  const { output } = await session.git(["commit-tree", tree, "-p", parent, "-F", "-"], {
    cwd: repository,
    env: commitEnvironment(author, session.workshop.now()),
    input: message,
  });
  return { repository, commit: output.trim() };
};
