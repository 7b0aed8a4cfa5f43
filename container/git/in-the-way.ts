import { type BigIntStats, type Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { type ByteName, bytesOf, fieldsOf, nameFrom, shown, within } from "./names.ts";
import type { Session } from "./session.ts";
import { someOf } from "./words.ts";
import { inCopy, type WorkingCopy } from "./working-copies.ts";

interface Change {
  readonly repository: string;
  readonly onto: string;
  readonly commit: string;
}

/** As file systems that don't tell cases apart see it: two names that may be one. */
const folded = (name: ByteName): string => bytesOf(name).toString("utf8").normalize("NFC").toLowerCase();

/**
 * The paths that a merge adds to its branch or gives another kind (a submodule that becomes a file, say), and those
 * that it removes.
 */
const addedAndRemoved = async ({ git }: Session, { repository, onto, commit }: Change) => {
  const how = ["--no-renames", "--name-status", "--diff-filter=ADT", "--ignore-submodules=none", "-z"];
  const { bytes } = await git(["diff", ...how, onto, commit, "--"], { cwd: repository });
  const added: ByteName[] = [];
  const removed = new Map<string, ByteName[]>();
  const fields = fieldsOf(bytes);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const path = fields[at + 1] as ByteName;
    if (fields[at] !== "D") added.push(path);
    if (fields[at] === "A") continue;
    removed.set(folded(path), [...(removed.get(folded(path)) ?? []), path]);
  }
  return { added, removed };
};

const NOT_THERE = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/** @throws what keeps us from looking: then nobody knows what is there */
const look = async (path: ByteName): Promise<BigIntStats | null> => {
  try {
    return await lstat(bytesOf(path), { bigint: true });
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
};

const sameFile = async (one: ByteName, other: ByteName): Promise<boolean> => {
  if (one === other) return true;
  const [a, b] = await Promise.all([look(one), look(other)]);
  return a !== null && b !== null && a.ino === b.ino && a.dev === b.dev;
};

type Kind = "none" | "folder" | "other";

const kindOf = async (path: ByteName): Promise<Kind> => {
  try {
    const is = await look(path);
    if (is === null) return "none";
    return is.isDirectory() ? "folder" : "other";
  } catch {
    return "other";
  }
};

/** Whether a folder holds a file that isn't in `tracked`, those of other repositories in it included. */
const holdsOthers = async (
  root: ByteName,
  folder: ByteName,
  tracked: ReadonlySet<ByteName>,
): Promise<boolean> => {
  const entries: Dirent<Buffer>[] = await readdir(bytesOf(within(root, folder)), {
    withFileTypes: true,
    encoding: "buffer",
  });
  for (const entry of entries) {
    const name = within(folder, nameFrom(entry.name));
    if (entry.isDirectory() ? await holdsOthers(root, name, tracked) : !tracked.has(name)) return true;
  }
  return false;
};

/**
 * Files of a clean working copy that a merge would overwrite although git doesn't track them. Git
 * refuses to overwrite an untracked file, but not an *ignored* one (a `.env`, say) when it updates a
 * working copy on a push: so this looks first.
 *
 * @returns why the merge has to wait; `null` if nothing is in its way
 */
export const inTheWay = async (
  session: Session,
  copy: WorkingCopy,
  change: Change,
): Promise<string | null> => {
  const { folder } = copy;
  const { added, removed } = await addedAndRemoved(session, change);
  const kinds = new Map<ByteName, Promise<Kind>>();
  const kind = (path: ByteName) => {
    const known = kinds.get(path) ?? kindOf(within(folder, path));
    kinds.set(path, known);
    return known;
  };
  // Git removes it itself. Its name may differ, where the file system doesn't tell the two apart.
  const goes = async (path: ByteName): Promise<boolean> => {
    for (const tracked of removed.get(folded(path)) ?? []) {
      if (await sameFile(within(folder, path), within(folder, tracked))) return true;
    }
    return false;
  };
  let tracked: Promise<ReadonlySet<ByteName>> | null = null;
  const untrackedBelow = async (path: ByteName): Promise<boolean> => {
    tracked ??= inCopy(session, copy, ["ls-files", "-z"]).then(({ bytes }) => new Set(fieldsOf(bytes)));
    return holdsOthers(folder, path, await tracked);
  };

  const found = new Set<ByteName>();
  for (const path of added) {
    const parts = path.split("/");
    for (let length = 1; length <= parts.length; length++) {
      const part = parts.slice(0, length).join("/") as ByteName;
      const is = await kind(part);
      if (is === "none") break;
      if (is === "folder") {
        if (length === parts.length && (await untrackedBelow(part))) found.add(part);
      } else if (await goes(part)) break;
      else found.add(part);
    }
  }
  if (found.size === 0) return null;
  const names = someOf([...found].map(shown), 5);
  return `The merge brings files that are in ${shown(folder)} already, where git doesn't track them (${names}). Move them away, then retry.`;
};
