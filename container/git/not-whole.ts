import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Session } from "./session.ts";

/**
 * Why a repository on this machine can't be cloned although git works in it: it is what it is only together with
 * something that a clone doesn't see.
 *
 * @returns `null`: nothing of the kind is known
 */
export const whyNotWhole = async ({ git, remote }: Session): Promise<string | null> => {
  if (remote.protocol !== "file" || !existsSync(remote.folder)) return null;
  const { url, folder } = remote;
  const ask = (...args: string[]) =>
    git(["-c", "safe.directory=*", ...args], { cwd: folder, accept: [0, 1, 128] });
  const { output } = await ask("rev-parse", "--git-common-dir");
  const gitDir = resolve(folder, output.replace(/\n$/, ""));
  if (existsSync(resolve(gitDir, "info", "grafts"))) {
    return `${url} has grafts (info/grafts), which change its history for git there alone. Make them lasting or remove them, then try again.`;
  }
  const promised = "^(extensions\\.partialclone|remote\\..*\\.promisor)$";
  if ((await ask("config", "--local", "--get-regexp", promised)).output !== "") {
    return `${url} is a partial clone: objects are missing from it. Make it whole there (git fetch --refetch --no-filter), or give the rig the repository that it was cloned from.`;
  }
  return null;
};
