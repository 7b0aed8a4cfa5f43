import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Remembers how a checkout is now.
 *
 * @returns `none`: whether, as git tells it, nothing has changed since. No where there is no telling: what the
 *   checkout holds is looked at again when it is delivered.
 */
export const watchChanges = (
  folder: string,
  env: Readonly<Record<string, string>>,
): { none(): Promise<boolean> } => {
  const reflog = join(folder, ".git", "logs", "HEAD");
  /** Grows with each commit, reset and checkout. */
  const moves = () => statSync(reflog, { throwIfNoEntry: false })?.size;
  const before = moves();
  return {
    async none() {
      if (!existsSync(join(folder, ".git")) || moves() !== before) return false;
      try {
        const { stdout } = await run("git", ["status", "--porcelain"], { cwd: folder, env });
        return stdout === "";
      } catch {
        return false;
      }
    },
  };
};
