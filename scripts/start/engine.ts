import { execFile } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startEngine } from "../../engine/engine.ts";
import { ROOT } from "../root.ts";
import { Failure } from "./failure.ts";

/** What runs containers, as wrangler needs to know it. */
export interface RunningEngine {
  /** For wrangler's environment. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const docker = async (): Promise<RunningEngine> => {
  await promisify(execFile)("docker", ["version"]).catch((error: Error & { stderr?: string }) => {
    throw new Failure(
      `CURFEW_ENGINE is docker, but Docker does not answer: ${error.stderr?.trim() || error.message}`,
    );
  });
  return { environment: {}, close: async () => {} };
};

const processes = (stateFolder: string): Promise<RunningEngine> => {
  const logPath = join(stateFolder, "engine.log");
  return startEngine({
    stateFolder: join(stateFolder, "containers"),
    command: [process.execPath, join(ROOT, "container", "main.ts")],
    log: (line) => void appendFile(logPath, `${line}\n`).catch(() => {}),
  });
};

/** @throws Failure if Docker is wanted and doesn't run */
export const startRunning = (kind: "process" | "docker", stateFolder: string): Promise<RunningEngine> =>
  kind === "docker" ? docker() : processes(stateFolder);
