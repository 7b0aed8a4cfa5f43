import { spawn } from "node:child_process";
import { Failure } from "./failure.ts";

/**
 * Runs a script with this Node to its end; what it prints is shown only if it fails.
 *
 * @param what the step, as the start of a sentence: `Building the page`
 * @param options.signal kills it, with whatever it started
 * @throws Failure with the last lines of its output
 */
export const runQuietly = async (
  what: string,
  script: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal },
): Promise<void> => {
  const { cwd, env, signal } = options;
  signal?.throwIfAborted();
  let output = "";
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = (): void => {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    };
    signal?.addEventListener("abort", kill);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-4000);
      });
    }
    child.once("error", reject);
    child.once("exit", () => signal?.removeEventListener("abort", kill));
    child.once("close", resolve);
  });
  if (code !== 0) throw new Failure(`${what} failed:\n${output.trim()}`);
};
