import type { MergeOrder } from "../../src/protocol/container/order.ts";
import { GitFault } from "./fault.ts";
import { related } from "./history.ts";
import { agentAuthor, commitEnvironment } from "./identity.ts";
import { fieldsOf, shown } from "./names.ts";
import { lastLines } from "./scrub.ts";
import type { Session } from "./session.ts";
import { someOf, subject } from "./words.ts";

export type Merging =
  | { readonly outcome: "committed"; readonly commit: string }
  | { readonly outcome: "conflict"; readonly reason: string };

const FILES_NAMED = 20;

/**
 * Merges a bead's commit in a clone that has `onto` and the commit, with a commit even where
 * fast-forward would do: the branch's own line names every bead.
 *
 * @param tree a clone that only we have touched
 */
export const makeMergeCommit = async (
  session: Session,
  tree: string,
  onto: string,
  { bead, title, branch, commit }: Pick<MergeOrder, "bead" | "title" | "branch" | "commit">,
): Promise<Merging> => {
  const { git, workshop } = session;
  await git(["checkout", "--quiet", "--detach", onto, "--"], { cwd: tree });
  if (!(await related({ session, repository: tree }, onto, commit))) {
    return { outcome: "conflict", reason: `${branch} and the rig's branch have no common history.` };
  }
  const message = `Merge bead ${bead}: ${subject(title)}\n\nCurfew-Bead: ${bead}\n`;
  const how = ["--no-ff", "--no-verify", "--quiet", "--cleanup=verbatim", "-m", message];
  const { exitCode, errors } = await git(["merge", ...how, commit], {
    cwd: tree,
    env: commitEnvironment(agentAuthor("refinery"), workshop.now()),
    accept: [0, 1],
  });
  if (exitCode === 0) {
    const { output } = await git(["rev-parse", "--verify", "HEAD"], { cwd: tree });
    return { outcome: "committed", commit: output.trim() };
  }
  const unmerged = ["diff", "--name-only", "--diff-filter=U", "-z"];
  const files = fieldsOf((await git(unmerged, { cwd: tree })).bytes).map(shown);
  if (files.length === 0) throw new GitFault("failed", `${branch} can't be merged: ${lastLines(errors)}`);
  return {
    outcome: "conflict",
    reason: `${branch} conflicts with the rig's branch in ${someOf(files, FILES_NAMED)}.`,
  };
};
