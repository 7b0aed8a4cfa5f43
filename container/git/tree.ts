import { copyFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { GitFault } from "./fault.ts";
import { type Files, gitOn } from "./files.ts";
import { mayFilter } from "./filters.ts";
import type { Git } from "./git.ts";
import { type InnerRepository, type Inside, settle, type Stage, submodulesOf, type Tree } from "./inner.ts";
import { type ByteName, fieldsOf, listOf } from "./names.ts";
import type { Session } from "./session.ts";

/** Begins with the agent's index, so that only files that changed are read. */
const copyIndex = async (directory: string, index: string): Promise<void> => {
  const original = join(directory, ".git", "index");
  await copyFile(original, index);
  // Git looks closer at files that changed in the second in which the index was written, or later.
  const { mtimeMs } = await stat(original);
  const seconds = Math.floor(mtimeMs / 1000);
  await utimes(index, seconds, seconds);
};

/** The repositories within the files: those that the index has as submodules, and those that nobody has. */
const innerRepositories = async (here: Git): Promise<readonly InnerRepository[]> => {
  const how = ["-t", "-z", "--stage", "--others", "--exclude-standard"];
  const found = new Map<ByteName, InnerRepository>();
  for (const entry of fieldsOf((await here(["ls-files", ...how])).bytes)) {
    const [, id, link] = /^. 160000 ([0-9a-f]+) [0-3]\t([^]+)$/.exec(entry) ?? [];
    if (link !== undefined && id !== undefined) found.set(link as ByteName, { path: link as ByteName, id });
    // Git lists files; a folder only if it is a repository.
    if (!entry.startsWith("? ") || !entry.endsWith("/")) continue;
    const path = entry.slice(2, -1) as ByteName;
    found.set(path, { path, id: null });
  }
  return [...found.values()];
};

/** Stages all files, and what takes the place of the repositories among them. */
const stage: Stage = async (files, index, inside) => {
  const here = gitOn(inside.session, files, index);
  const inner = await innerRepositories(here);
  const embedded: ByteName[] = [];
  if (inner.length === 0) await here(["add", "--all"]);
  else {
    // Git itself would follow the inner repositories' own configuration, and take a commit for the files.
    const around = [":(top)", ...inner.map(({ path }) => `:(top,exclude,literal)${path}`)] as ByteName[];
    const from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
    await here(["add", "--all", ...from], { input: listOf(around) });
    const entries: string[] = [];
    for (const one of inner) {
      const settled = await settle(files, one, inside, stage);
      entries.push(`0 ${"0".repeat(files.base.length)}\t${one.path}`, ...settled.entries);
      embedded.push(...settled.embedded);
    }
    await here(["update-index", "-z", "--index-info"], { input: listOf(entries as ByteName[]) });
  }
  return { tree: (await here(["write-tree"])).output.trim(), embedded };
};

/**
 * A checkout's files as a tree, untracked ones that aren't ignored included. The repository is
 * ours and so is its configuration: filters, hooks and monitors that an agent may have set up in its
 * `.git` don't run.
 *
 * @throws GitFault of kind `undeliverable` if there is work that no tree can hold
 */
export const takeTree = async (
  session: Session,
  files: Files,
): Promise<Tree & { readonly mayFilter: boolean }> => {
  const index = join(session.folder, "index");
  const inside: Inside = {
    session,
    submodules: submodulesOf(session, files),
    depth: 0,
    root: files.directory,
  };
  try {
    await copyIndex(files.directory, index);
    const tree = await stage(files, index, inside);
    return { ...tree, mayFilter: mayFilter(session, index) };
  } catch (error) {
    if (error instanceof GitFault && (error.kind === "cancelled" || error.kind === "undeliverable"))
      throw error;
    // An index that is missing, damaged or split over several files.
    await rm(index, { force: true });
    await gitOn(session, files, index)(["read-tree", files.parent]);
    return { ...(await stage(files, index, inside)), mayFilter: mayFilter(session, index) };
  }
};
