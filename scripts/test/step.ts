import { spawn } from "node:child_process";
import { ROOT } from "../root.ts";

/** One check: a script that this Node runs in the project's folder, with its arguments. */
export interface Step {
  readonly name: string;
  readonly command: readonly [script: string, ...args: string[]];
}

/**
 * Runs a step and says in one line how it went; what it printed follows only if it failed.
 *
 * @returns whether it passed
 */
export const runStep = async ({ name, command }: Step): Promise<boolean> => {
  const began = performance.now();
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
};

/** Runs a step with its output on this terminal. */
export const runOpenly = ({ command }: Step, env: NodeJS.ProcessEnv): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: "inherit" });
    child.once("error", reject).once("exit", (code) => resolve(code === 0));
  });
