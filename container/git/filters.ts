import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { GitFault } from "./fault.ts";
import { type ByteName, fieldsOf, shown } from "./names.ts";
import type { Session } from "./session.ts";
import { someOf } from "./words.ts";

/*
 * An attribute can put files under a filter (Git LFS, git-crypt): what is stored is then made from what people see by
 * a program of theirs. Curfew runs none of them: its checkouts hold such files as they are stored, and what an agent
 * writes in their place would be stored as it is, a secret in plain text too. So no bead delivers one.
 */

/** Attributes of the rig's repository on this machine that aren't in any commit. */
const localAttributes = ({ remote }: Session): string | null => {
  if (remote.protocol !== "file") return null;
  const places = [".git/info/attributes", "info/attributes"].map((place) => join(remote.folder, place));
  return places.find((place) => existsSync(place)) ?? null;
};

const namesFilters = (file: string): boolean => readFileSync(file, "latin1").includes("filter");

/** Whether a repository may have filters, as far as an index can tell without git. No is certain. */
export const mayFilter = (session: Session, index: string): boolean => {
  const local = localAttributes(session);
  if (local !== null && namesFilters(local)) return true;
  if (!existsSync(index)) return true;
  const bytes = readFileSync(index);
  // In the fourth version, names are cut short; a split index has them elsewhere.
  return bytes.readUInt32BE(4) > 3 || bytes.includes("link\0\0\0") || bytes.includes(".gitattributes");
};

/** Whether an attributes file of a commit speaks of filters. */
const speaksOfFilters = async (session: Session, repository: string, commit: string): Promise<boolean> => {
  const local = localAttributes(session);
  if (local !== null && namesFilters(local)) return true;
  const look = ["grep", "--quiet", "-e", "filter", commit, "--", ":(top,glob)**/.gitattributes"];
  return (await session.git(look, { cwd: repository, accept: [0, 1] })).exitCode === 0;
};

/** Path → filter, of a commit's files that are under one. */
const filteredIn = async (
  session: Session,
  repository: string,
  commit: string,
): Promise<ReadonlyMap<ByteName, string>> => {
  const index = join(session.folder, `attributes-${commit}`);
  const options = { cwd: repository, env: { GIT_INDEX_FILE: index } };
  const local = localAttributes(session);
  const also = local === null ? [] : ["-c", `core.attributesFile=${local}`];
  try {
    await session.git(["read-tree", commit], options);
    const { bytes } = await session.git(["ls-files", "-z"], options);
    const ask = [...also, "check-attr", "--cached", "-z", "--stdin", "filter"];
    // In threes: the path, `filter`, its value.
    const said = fieldsOf((await session.git(ask, { ...options, input: bytes })).bytes);
    const filtered = new Map<ByteName, string>();
    for (let at = 0; at + 2 < said.length; at += 3) {
      const value = said[at + 2] as string;
      if (!["unspecified", "unset", "set"].includes(value)) filtered.set(said[at] as ByteName, value);
    }
    return filtered;
  } finally {
    await rm(index, { force: true });
  }
};

interface Range {
  readonly repository: string;
  readonly base: string;
  /** What is delivered: a commit, or a tree that is to become one. */
  readonly result: string;
  /** The commit whose history is delivered with it. */
  readonly head: string;
}

/** The files that are otherwise than in the base, in the result or on the way to it, and whether attributes are. */
const changesOf = async ({ git }: Session, { repository, base, result, head }: Range) => {
  const how = ["-r", "-z", "--raw", "--no-renames"];
  const ends = await git(["diff-tree", ...how, base, result, "--"], { cwd: repository });
  const walk = ["log", "-m", "--format=", ...how, `${base}..${head}`, "--"];
  const way = await git(walk, { cwd: repository });
  const fields = [...fieldsOf(ends.bytes), ...fieldsOf(way.bytes)];
  const changed = new Set<ByteName>();
  let attributes = false;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const path = fields[at + 1] as ByteName;
    if (path === ".gitattributes" || path.endsWith("/.gitattributes")) attributes = true;
    const [, mode, before, after] = (fields[at] as string).split(" ");
    // Another mode of the same file is no other content.
    if (mode?.startsWith("100") && before !== after) changed.add(path);
  }
  return { changed, attributes };
};

/**
 * Refuses a change of files that are under a filter, before or after it, undone again or not.
 *
 * @throws GitFault of kind `undeliverable`
 */
export const refuseUnfiltered = async (session: Session, range: Range): Promise<void> => {
  const { repository, base, result } = range;
  if (
    !(await speaksOfFilters(session, repository, result)) &&
    !(await speaksOfFilters(session, repository, base))
  )
    return;
  const { changed, attributes } = await changesOf(session, range);
  if (changed.size === 0) return;
  const after = await filteredIn(session, repository, result);
  const before = attributes ? await filteredIn(session, repository, base) : after;
  const refused = new Map<ByteName, string>();
  for (const path of changed) {
    const filter = after.get(path) ?? before.get(path);
    if (filter !== undefined) refused.set(path, filter);
  }
  // Whoever has them checked out would see them as changed.
  for (const [path, filter] of attributes ? [...before, ...after] : []) {
    if (before.get(path) !== after.get(path)) refused.set(path, filter);
  }
  if (refused.size === 0) return;
  const names = someOf([...refused.keys()].map(shown), 5);
  const filters = someOf([...new Set(refused.values())], 3);
  throw new GitFault(
    "undeliverable",
    `${names}: under the filter ${filters} (.gitattributes), which Curfew doesn't run, so what would be stored is unfiltered. A bead can't change such files, nor which they are.`,
    false,
  );
};

/** What the check says of filters; empty if there are none. */
export const aboutFilters = async (session: Session, repository: string, commit: string): Promise<string> => {
  if (!(await speaksOfFilters(session, repository, commit))) return "";
  const byFilter = new Map<string, ByteName[]>();
  for (const [path, filter] of await filteredIn(session, repository, commit)) {
    byFilter.set(filter, [...(byFilter.get(filter) ?? []), path]);
  }
  return [...byFilter]
    .map(
      ([filter, paths]) =>
        `Files under the filter ${filter} (${someOf(paths.map(shown), 3)}) are here as they are stored: Curfew doesn't run it, and a bead that changes one is refused.`,
    )
    .join(" ");
};
