import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GitFault } from "./fault.ts";
import { type Files, gitOn } from "./files.ts";
import { treeOf } from "./history.ts";
import { readModules } from "./modules.ts";
import { type ByteName, bytesOf, fieldsOf, listOf, nameOf, shown, within } from "./names.ts";
import { reach } from "./reach.ts";
import type { Session } from "./session.ts";
import { linksIn, whyNotPublished } from "./submodules.ts";

/** A repository in a checkout. */
export interface InnerRepository {
  readonly path: ByteName;
  /** The commit that the index has for it; `null`: the index doesn't know it. */
  readonly id: string | null;
}

/** What a bead may know of submodules: those of its base, and those that it declares. */
export interface Submodules {
  /** Path → commit, in the commit that the bead began from. */
  atBase(): Promise<ReadonlyMap<ByteName, string>>;
  /** Path → address, as the checkout's `.gitmodules` has it. */
  declared(): Promise<ReadonlyMap<ByteName, string>>;
  /** The addresses that the rig's own branch names. */
  known(): Promise<ReadonlySet<string>>;
}

export interface Tree {
  readonly tree: string;
  /** Folders that were repositories of their own, and are plain folders in the tree. */
  readonly embedded: readonly ByteName[];
}

/** Where among repositories within repositories the staging is. */
export interface Inside {
  readonly session: Session;
  /** `null`: in a repository that is becoming a plain folder, where there are none. */
  readonly submodules: Submodules | null;
  readonly depth: number;
  /** The bead's checkout. */
  readonly root: string;
}

/** Stages files in an index of ours; what is in it already saves work. */
export type Stage = (files: Files, index: string, inside: Inside) => Promise<Tree>;

/** What takes an inner repository's place in the index, as `update-index --index-info` reads it. */
interface Settled {
  readonly entries: readonly string[];
  readonly embedded: readonly ByteName[];
}

const DEEPEST = 10;

const once = <T>(job: () => Promise<T>): (() => Promise<T>) => {
  let result: Promise<T> | null = null;
  return () => (result ??= job());
};

export const submodulesOf = (session: Session, { repository, directory, base }: Files): Submodules => ({
  atBase: once(() => linksIn(session, repository, base)),
  declared: once(() => readModules(session, repository, { file: join(directory, ".gitmodules") })),
  known: once(
    async () => new Set((await readModules(session, repository, { blob: `${base}:.gitmodules` })).values()),
  ),
});

const refuse = (words: string): never => {
  throw new GitFault("undeliverable", words);
};

/** What is in a folder; `null`: it isn't there, or is none. */
const contentOf = (folder: ByteName): readonly string[] | null => {
  try {
    return readdirSync(bytesOf(folder), "latin1" as BufferEncoding);
  } catch {
    return null;
  }
};

/** Where an agent's repository is, if that is within its checkout; a `.git` may be a file that says where. */
const repositoryAt = (folder: string, root: string): string | null => {
  try {
    const dotGit = join(folder, ".git");
    const isFile = lstatSync(dotGit).isFile();
    const named = isFile ? /^gitdir: (.*)$/m.exec(readFileSync(dotGit, "utf8"))?.[1] : ".git";
    if (named === undefined) return null;
    const place = realpathSync(resolve(folder, named));
    return place.startsWith(`${realpathSync(root)}/`) ? place : null;
  } catch {
    return null;
  }
};

/** A repository of ours with the objects of one commit of an agent's repository; `null`: it hasn't got it. */
const objectsOf = async ({ session, root }: Inside, folder: string, id: string): Promise<string | null> => {
  const place = repositoryAt(folder, root);
  if (place === null) return null;
  const repository = join(session.folder, `inner-${id}.git`);
  await rm(repository, { recursive: true, force: true });
  const format = `--object-format=${id.length === 64 ? "sha256" : "sha1"}`;
  const template = `--template=${session.workshop.folders.nothing}`;
  await session.git(["init", "--bare", "--quiet", format, template, repository]);
  const how = ["--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1"];
  const fetch = ["-c", "safe.directory=*", "fetch", ...how, "--", place, id];
  const { exitCode } = await session.git(fetch, { cwd: repository, accept: [0, 1, 128] });
  return exitCode === 0 ? repository : null;
};

/** Whether the files of a submodule are those of its commit, and nothing more. */
const isAsCommitted = async (
  folder: ByteName,
  id: string,
  inside: Inside,
  stage: Stage,
): Promise<boolean> => {
  const { session, depth } = inside;
  const directory = reach(session, folder);
  const repository = await objectsOf(inside, directory, id);
  if (repository === null) return false;
  const index = join(session.folder, `index-${depth}`);
  const files: Files = { repository, directory, base: id, parent: id };
  await rm(index, { force: true });
  await gitOn(session, files, index)(["read-tree", id]);
  const { tree } = await stage(files, index, { ...inside, submodules: submodulesOf(session, files) });
  return tree === (await treeOf({ session, repository }, id));
};

/** Whether a submodule stays; else it has been removed. */
const settleSubmodule = async (
  folder: ByteName,
  { path, id }: { readonly path: ByteName; readonly id: string },
  submodules: Submodules,
  inside: Inside,
  stage: Stage,
): Promise<boolean> => {
  const content = contentOf(folder);
  if (content === null) return false;
  if (content.length > 0 && !(await isAsCommitted(folder, id, inside, stage))) {
    refuse(
      `${shown(path)} is a submodule, a repository of its own: what was changed in it can't come along. Undo it, or commit it there, push it to that repository and stage the new commit.`,
    );
  }
  if ((await submodules.atBase()).get(path) === id) return true;
  const address = (await submodules.declared()).get(path);
  const isKnown = address !== undefined && (await submodules.known()).has(address);
  const why = await whyNotPublished(inside.session, { address, id, isKnown });
  if (why !== null) {
    refuse(
      `The submodule ${shown(path)} would be at a commit that nobody else can get: ${why} Push it there first.`,
    );
  }
  return true;
};

/** Whether it is another working copy of the repository that it lies in (`git worktree add`). */
const isLinkedCopy = (folder: ByteName, directory: string): boolean => {
  try {
    const named = readFileSync(bytesOf(within(folder, ".git")), "utf8");
    return named.startsWith(`gitdir: ${join(realpathSync(directory), ".git", "worktrees")}/`);
  } catch {
    return false;
  }
};

/** Stages what an inner repository tracks although it ignores it. */
const seed = async (session: Session, inner: Files, index: string): Promise<void> => {
  const copy = `${index}-copy`;
  try {
    await copyFile(join(inner.directory, ".git", "index"), copy);
  } catch {
    return; // It tracks nothing yet, or its git folder is elsewhere.
  }
  const listing = await gitOn(session, inner, copy)(["ls-files", "-s", "-z"], { accept: [0, 128] });
  const names = fieldsOf(listing.bytes).flatMap((entry) =>
    entry.startsWith("160000 ") ? [] : [entry.slice(entry.indexOf("\t") + 1) as ByteName],
  );
  const add = ["update-index", "--add", "--remove", "-z", "--stdin"];
  await gitOn(session, inner, index)(add, { input: listOf(names), accept: [0, 128] });
};

/** Which of an inner repository's files the outer one's own rules ignore, as if it were a plain folder. */
const ignoredByOuter = async (
  session: Session,
  outer: Files,
  folder: ByteName,
  entries: readonly { readonly path: ByteName }[],
): Promise<ReadonlySet<ByteName>> => {
  const ask = ["check-ignore", "--verbose", "-z", "--stdin", "--no-index"];
  const none = join(session.folder, "index-none");
  const options = { input: listOf(entries.map(({ path }) => path)), accept: [0, 1] };
  const said = fieldsOf((await gitOn(session, outer, none)(ask, options)).bytes);
  const ignored = new Set<ByteName>();
  // In fours: where the rule is, its line, the rule, the path.
  for (let at = 0; at + 3 < said.length; at += 4) {
    const isOwnRule = said[at]?.startsWith(`${folder}/`) === true;
    if (!isOwnRule && said[at + 2]?.startsWith("!") === false) ignored.add(said[at + 3] as ByteName);
  }
  return ignored;
};

/** The files of a repository that nobody has declared, without those that the outer one ignores. */
const filesOf = async (outer: Files, path: ByteName, inside: Inside, stage: Stage): Promise<Settled> => {
  const { session, depth } = inside;
  const directory = reach(session, within(nameOf(outer.directory), path));
  const inner: Files = { ...outer, directory };
  const index = join(session.folder, `index-${depth}`);
  await rm(index, { force: true });
  await seed(session, inner, index);
  const { embedded } = await stage(inner, index, inside);
  const { bytes } = await gitOn(session, inner, index)(["ls-files", "--stage", "-z"]);
  const entries = fieldsOf(bytes).map((entry) => {
    const tab = entry.indexOf("\t");
    return { head: entry.slice(0, tab), path: within(path, entry.slice(tab + 1)) };
  });
  const ignored = await ignoredByOuter(session, outer, path, entries);
  return {
    entries: entries.flatMap((entry) => (ignored.has(entry.path) ? [] : [`${entry.head}\t${entry.path}`])),
    embedded: [path, ...embedded.map((deeper) => within(path, deeper))],
  };
};

/**
 * Decides what becomes of a repository within a checkout. A submodule stays one; of any other the files come along.
 *
 * @throws GitFault of kind `undeliverable` if work would be lost
 */
export const settle = async (
  outer: Files,
  { path, id }: InnerRepository,
  inside: Inside,
  stage: Stage,
): Promise<Settled> => {
  const { submodules, depth } = inside;
  if (depth >= DEEPEST) refuse(`${shown(path)} is a repository within too many others.`);
  const folder = within(nameOf(outer.directory), path);
  const deeper = { ...inside, submodules: null, depth: depth + 1 };
  if (
    submodules !== null &&
    id !== null &&
    ((await submodules.atBase()).has(path) || (await submodules.declared()).has(path))
  ) {
    const stays = await settleSubmodule(folder, { path, id }, submodules, deeper, stage);
    return { entries: stays ? [`160000 ${id} 0\t${path}`] : [], embedded: [] };
  }
  if (contentOf(folder) === null) return { entries: [], embedded: [] };
  if (isLinkedCopy(folder, outer.directory)) {
    refuse(
      `${shown(path)} is another working copy of the checkout (git worktree): what is in it can't come along. Bring it to the bead's own branch and remove the copy.`,
    );
  }
  return filesOf(outer, path, deeper, stage);
};
