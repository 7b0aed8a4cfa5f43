import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../../git/folders.ts";
import { runGroup } from "../../../processes/group.ts";

const ENDING = [
  { signal: "SIGTERM", afterMs: 0 },
  { signal: "SIGKILL", afterMs: 2000 },
] as const;

/** How a block ended. */
export type BlockEnd =
  | { readonly end: "exited"; readonly code: number }
  | { readonly end: "killed" }
  | { readonly end: "too-long" }
  | { readonly end: "cancelled" };

/** Where and how a block runs. */
export interface BlockOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Standard output and error, in the order in which they were written. */
  readonly output: (chunk: Buffer) => void;
}

/**
 * Runs a script with `sh -e`: the first command that fails ends it. It is read from a file, so that
 * it is on no command line and its commands have no script on their standard input. What it started
 * in the background ends with it.
 *
 * @throws if `sh` can't be started
 */
export const runBlock = async (script: string, options: BlockOptions): Promise<BlockEnd> => {
  const { cwd, env, limitMs, signal, output } = options;
  const folder = await mkdtemp(join(tmpdir(), "block-"));
  try {
    const file = join(folder, "block.sh");
    await writeFile(file, script);
    const { exitCode, stopped } = await runGroup({
      command: "sh",
      args: ["-c", 'exec sh -e "$0" 2>&1', file],
      cwd,
      env,
      signal,
      timeoutMs: limitMs,
      ending: ENDING,
      sweep: true,
      onOutput: output,
      onError: output,
    });
    if (stopped === "aborted") return { end: "cancelled" };
    if (stopped === "timeout") return { end: "too-long" };
    return exitCode === null ? { end: "killed" } : { end: "exited", code: exitCode };
  } finally {
    await removeFolder(folder);
  }
};
