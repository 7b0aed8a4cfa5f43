import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";
import { GitFault } from "./fault.ts";
import { refuseUnfiltered } from "./filters.ts";
import { contains, hasCommit, related, treeOf } from "./history.ts";
import { type Author, commitEnvironment } from "./identity.ts";
import { type ByteName, shown } from "./names.ts";
import { makePrivateRepository } from "./private-repository.ts";
import type { Session } from "./session.ts";
import { takeTree } from "./tree.ts";

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

/** A repository in the checkout can't be delivered as one; whoever reads the commit should know. */
const aboutEmbedded = (path: ByteName): string =>
  `\n${shown(path)} was a repository of its own: its files are here, its history isn't.\n`;

/**
 * Takes the work of a checkout as a commit: the agent's own newest one if it committed everything,
 * else a new one on top of it. The checkout itself is only read.
 *
 * @returns `null` if there is nothing that `base` hasn't
 * @throws GitFault
 */
export const takeSnapshot = async (
  session: Session,
  { directory, base, ...checkout }: Checkout,
  { author, message }: { readonly author: Author; readonly message: string },
): Promise<Snapshot | null> => {
  if (!existsSync(directory)) throw new GitFault("absent", "The bead's checkout is gone.", true);
  const repository = await makePrivateRepository(session, base);
  const place = { session, repository };
  const head = await takeHead(session, repository, directory);
  const whole = head !== null && (await hasCommit(place, head)) && (await related(place, head, base));
  // What has another history could never be merged; its files can.
  const parent = whole ? head : base;
  const { tree, embedded, mayFilter } = await takeTree(session, { repository, directory, base, parent });
  if (tree === (await treeOf(place, base))) return null;
  if (checkout.mayFilter === true || mayFilter) {
    await refuseUnfiltered(session, { repository, base, result: tree, head: parent });
  }
  if (tree === (await treeOf(place, parent))) {
    return (await contains(place, base, parent)) ? null : { repository, commit: parent };
  }
  const { output } = await session.git(["commit-tree", tree, "-p", parent, "-F", "-"], {
    cwd: repository,
    env: commitEnvironment(author, session.workshop.now()),
    input: message + embedded.map(aboutEmbedded).join(""),
  });
  return { repository, commit: output.trim() };
};
