import { join } from "node:path";
import type { Git } from "./git.ts";
import type { Session } from "./session.ts";

/** Files that become a tree. */
export interface Files {
  /** Ours: it takes the objects. */
  readonly repository: string;
  /** Where the files are; it is only read. */
  readonly directory: string;
  /** The commit that the work began from. */
  readonly base: string;
  /** The one that the agent has come to. */
  readonly parent: string;
}

/** Git with a repository and an index of ours on files that aren't. */
export const gitOn = (
  { git }: Session,
  { repository, directory }: Pick<Files, "repository" | "directory">,
  index: string,
): Git => {
  const ignore = `core.excludesFile=${join(directory, ".git", "info", "exclude")}`;
  const here = ["-c", ignore, `--git-dir=${repository}`, `--work-tree=${directory}`];
  return (args, options) =>
    git([...here, ...args], { ...options, cwd: directory, env: { GIT_INDEX_FILE: index } });
};
