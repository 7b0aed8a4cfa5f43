import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../start/failure.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ELSEWHERE = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const run = promisify(execFile);

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * The Chromium of this machine: the one of `CURFEW_CHROMIUM`, else the first on the `PATH` or where
 * macOS keeps it.
 *
 * @returns its path; `null` if there is none
 * @throws Failure if `CURFEW_CHROMIUM` is not one
 */
export const findChromium = (env: NodeJS.ProcessEnv): string | null => {
  const given = env["CURFEW_CHROMIUM"];
  if (given) {
    if (!isExecutable(given)) throw new Failure(`CURFEW_CHROMIUM: ${given} can't be run.`);
    return given;
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...paths, ...ELSEWHERE].find(isExecutable) ?? null;
};

/** Installs Debian's Chromium, where this process may. */
const install = async (): Promise<void> => {
  console.error("Installing Chromium for the tests (once) …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-q"], { env });
  await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], { env });
};

/**
 * A Chromium for the tests, installed if there is none.
 *
 * @returns its path
 * @throws Failure that says what to install
 */
export const ensureChromium = async (): Promise<string> => {
  const found = findChromium(process.env);
  if (found) return found;
  if (process.getuid?.() === 0 && isExecutable("/usr/bin/apt-get")) await install().catch(() => {});
  const installed = findChromium(process.env);
  if (installed) return installed;
  throw new Failure(
    "The tests need a Chromium: install it (on Debian `apt-get install chromium`), or set CURFEW_CHROMIUM to its path.",
  );
};
