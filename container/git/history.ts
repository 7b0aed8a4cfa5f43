import type { Session } from "./session.ts";

/** Questions about commits, in a repository that has them. */
interface Place {
  readonly session: Session;
  readonly repository: string;
}

const lines = (output: string): string[] => output.split("\n").filter((line) => line !== "");

export const hasCommit = async ({ session, repository }: Place, commit: string): Promise<boolean> => {
  const options = { cwd: repository, accept: [0, 1, 128] };
  return (await session.git(["cat-file", "-e", `${commit}^{commit}`], options)).exitCode === 0;
};

/** Whether `tip` contains `commit`; no for a commit that isn't there at all. */
export const contains = async (place: Place, tip: string, commit: string): Promise<boolean> => {
  if (!(await hasCommit(place, commit))) return false;
  const options = { cwd: place.repository, accept: [0, 1] };
  const asked = ["merge-base", "--is-ancestor", commit, tip];
  return (await place.session.git(asked, options)).exitCode === 0;
};

/** Whether two commits have a common ancestor. */
export const related = async (
  { session, repository }: Place,
  one: string,
  other: string,
): Promise<boolean> => {
  const options = { cwd: repository, accept: [0, 1] };
  return (await session.git(["merge-base", one, other], options)).exitCode === 0;
};

/** The id of a commit's tree. */
export const treeOf = async ({ session, repository }: Place, commit: string): Promise<string> => {
  const { output } = await session.git(["rev-parse", "--verify", `${commit}^{tree}`], { cwd: repository });
  return output.trim();
};

/**
 * The commit that brought another into a branch: the oldest of the branch's own line (first parents)
 * that contains it, which is the commit itself if the branch was fast-forwarded over it.
 *
 * @param tip the branch's newest commit, which contains `commit`
 */
export const broughtInBy = async (
  { session, repository }: Place,
  tip: string,
  commit: string,
): Promise<string> => {
  if (tip === commit) return commit;
  const range = `${commit}..${tip}`;
  const walk = (...how: string[]) => session.git(["rev-list", ...how, range], { cwd: repository });
  const line = lines((await walk("--first-parent", "--parents")).output).map((row) => row.split(" "));
  if (line.at(-1)?.[1] === commit) return commit;
  const descendants = new Set(lines((await walk("--ancestry-path")).output));
  return line.findLast(([id]) => id !== undefined && descendants.has(id))?.[0] ?? tip;
};
