import type { Diff } from "../../src/protocol/bead.ts";
import type { Session } from "./session.ts";

const LIMIT_BYTES = 256 * 1024;

/** Whatever the user or an attribute asks for, a diff is text made by git alone. */
const PLAIN = ["--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"];

const count = (summary: string, word: string): number =>
  Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0);

/** The first 256 KiB of a unified diff, up to the end of a line, and the size of the whole. */
export const diffBetween = async (
  { git }: Session,
  repository: string,
  base: string,
  commit: string,
): Promise<Diff> => {
  const options = { cwd: repository };
  const range = [base, commit, "--"];
  const { output: summary } = await git(["diff", ...PLAIN, "--shortstat", ...range], options);

  const kept: Buffer[] = [];
  let bytes = 0;
  const onOutput = (chunk: Buffer) => {
    if (bytes < LIMIT_BYTES) kept.push(chunk.subarray(0, LIMIT_BYTES - bytes));
    bytes += chunk.length;
  };
  await git(["diff", ...PLAIN, ...range], { ...options, onOutput });
  const truncated = bytes > LIMIT_BYTES;
  const all = Buffer.concat(kept);
  const end = truncated ? all.lastIndexOf("\n") + 1 || all.length : all.length;
  return {
    text: all.subarray(0, end).toString("utf8"),
    truncated,
    files: count(summary, "files? changed"),
    insertions: count(summary, "insertions?"),
    deletions: count(summary, "deletions?"),
  };
};
