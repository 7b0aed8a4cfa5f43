import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CONTROL_SERVER, ENGINE } from "../build/bundles.ts";
import { startDocker } from "./docker.ts";
import type { RunningEngine } from "./running-engine.ts";

const processes = async (stateFolder: string): Promise<RunningEngine> => {
  const logPath = join(stateFolder, "engine.log");
  const { startEngine } = (await import(
    pathToFileURL(ENGINE).href
  )) as typeof import("../../engine/engine.ts");
  const engine = await startEngine({
    stateFolder: join(stateFolder, "containers"),
    command: [process.execPath, CONTROL_SERVER],
    log: (line) => void appendFile(logPath, `${line}\n`).catch(() => {}),
  });
  const { address, sideCarImage, environment } = engine;
  return { address, sideCarImage, environment, image: "curfew:none", close: () => engine.close() };
};

/** @throws Failure if Docker is wanted and doesn't run, or doesn't build the image */
export const startRunning = (
  kind: "process" | "docker",
  stateFolder: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<RunningEngine> =>
  kind === "docker" ? startDocker(stateFolder, say, signal) : processes(stateFolder);
