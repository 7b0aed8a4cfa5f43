import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Session } from "./session.ts";
import { someOf } from "./words.ts";
import { ANY_OWNER, type WorkingCopy } from "./working-copies.ts";

interface Change {
  readonly repository: string;
  readonly onto: string;
  readonly commit: string;
}

/** The paths that a merge adds to and removes from its branch. */
const addedAndRemoved = async ({ git }: Session, { repository, onto, commit }: Change) => {
  const how = ["--no-renames", "--name-status", "--diff-filter=AD", "-z"];
  const { output } = await git(["diff", ...how, onto, commit, "--"], { cwd: repository });
  const added: string[] = [];
  const removed = new Map<string, string>();
  const fields = output.split("\0");
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const path = fields[at + 1] as string;
    if (fields[at] === "A") added.push(path);
    else removed.set(path.toLowerCase(), path);
  }
  return { added, removed };
};

const sameFile = async (one: string, other: string): Promise<boolean> => {
  const [a, b] = await Promise.all([one, other].map((path) => lstat(path).catch(() => null)));
  return a != null && b != null && a.ino === b.ino && a.dev === b.dev;
};

const kindOf = async (path: string): Promise<"none" | "folder" | "other"> => {
  try {
    return (await lstat(path)).isDirectory() ? "folder" : "other";
  } catch {
    return "none";
  }
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
  { folder }: WorkingCopy,
  change: Change,
): Promise<string | null> => {
  const { added, removed } = await addedAndRemoved(session, change);
  const kinds = new Map<string, Promise<"none" | "folder" | "other">>();
  const kind = (path: string) => {
    const known = kinds.get(path) ?? kindOf(join(folder, path));
    kinds.set(path, known);
    return known;
  };
  // Git removes it itself. Its name may differ in case, where the file system doesn't tell the two apart.
  const goes = async (path: string): Promise<boolean> => {
    const tracked = removed.get(path.toLowerCase());
    return tracked !== undefined && sameFile(join(folder, path), join(folder, tracked));
  };
  const untrackedBelow = async (path: string): Promise<boolean> => {
    const look = [...ANY_OWNER, "ls-files", "--others", "-z", "--", `:(top,literal)${path}`];
    return (await session.git(look, { cwd: folder })).output !== "";
  };

  const found = new Set<string>();
  for (const path of added) {
    const parts = path.split("/");
    for (let length = 1; length <= parts.length; length++) {
      const part = parts.slice(0, length).join("/");
      const is = await kind(part);
      if (is === "none" || (await goes(part))) break;
      if (is === "other") found.add(part);
      else if (length === parts.length && (await untrackedBelow(part))) found.add(part);
    }
  }
  if (found.size === 0) return null;
  return `The merge brings files that are in ${folder} already, where git doesn't track them (${someOf([...found], 5)}). Move them away, then retry.`;
};
