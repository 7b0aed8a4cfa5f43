import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { GateResult } from "../../src/protocol/bead.ts";
import { plainText } from "../../src/protocol/text.ts";
import { gateEnvironment } from "./environment.ts";
import { GitFault } from "./fault.ts";
import { runGroup } from "../../processes/group.ts";
import type { Session } from "./session.ts";
import { Tail } from "./tail.ts";
import { timeSpan } from "./words.ts";

const OUTPUT_BYTES = 64 * 1024;

export interface GatesOrder {
  /** The merged tree. */
  readonly tree: string;
  readonly gates: readonly string[];
  readonly gateMaxMs: number;
  readonly onResult: (result: GateResult) => void;
}

/** Makes the shell send both of its outputs down one pipe, so that they stay in order. */
const ONE_PIPE = 'exec sh -c "$0" 2>&1';

/**
 * Runs the gates in order, each with `sh -c`, until one fails. What a gate leaves running ends with it.
 *
 * @returns why a gate failed; `null` if all passed
 * @throws GitFault of kind `cancelled`
 */
export const runGates = async (
  { workshop, folder, signal }: Session,
  { tree, gates, gateMaxMs, onResult }: GatesOrder,
): Promise<string | null> => {
  const home = join(folder, "home");
  const temporary = join(folder, "tmp");
  for (const place of [home, temporary]) await mkdir(place, { recursive: true });
  const env = gateEnvironment(workshop.env, { home, temporary, ceiling: folder });

  for (const command of gates) {
    const from = workshop.now();
    const tail = new Tail(OUTPUT_BYTES);
    const keep = (chunk: Buffer) => tail.push(chunk);
    const { exitCode, stopped } = await runGroup({
      command: "sh",
      args: ["-c", ONE_PIPE, command],
      cwd: tree,
      env,
      signal,
      timeoutMs: gateMaxMs,
      ending: [{ signal: "SIGKILL", afterMs: 0 }],
      sweep: true,
      onOutput: keep,
      onError: keep,
    });
    if (stopped === "aborted") throw new GitFault("cancelled", "Cancelled.");
    const passed = stopped === null ? exitCode : null;
    const durationMs = workshop.now() - from;
    onResult({ command, exitCode: passed, output: plainText(tail.text()), durationMs });
    if (stopped === "timeout") {
      return `The gate \`${command}\` did not end within ${timeSpan(gateMaxMs)}.`;
    }
    if (exitCode === null) return `The gate \`${command}\` was ended by a signal.`;
    if (exitCode !== 0) return `The gate \`${command}\` failed with exit code ${exitCode}.`;
  }
  return null;
};
