import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { bin, ROOT } from "../root.ts";
import { runQuietly } from "./command.ts";
import { Failure } from "./failure.ts";
import { fingerprint } from "./fingerprint.ts";
import { takeLock } from "./lock.ts";
import { onceFor } from "./stamp.ts";

const SOURCES = ["client", "src/protocol", "vite.config.ts", "tsconfig.base.json", "package-lock.json"];
const DIST = join(ROOT, "dist");
const STAMP = join(DIST, "client.stamp");

const build = (signal?: AbortSignal): Promise<void> =>
  runQuietly("Building the page", bin("vite"), ["build", "--logLevel", "warn"], { cwd: ROOT, signal });

/**
 * Builds the page into `dist/client` if it isn't there or its sources changed. Instances that start at
 * the same time build it once: the others wait.
 *
 * @throws Failure if it can't be built, or another instance doesn't get done with it
 */
export const ensurePage = async (say: (line: string) => void, signal?: AbortSignal): Promise<void> => {
  await mkdir(DIST, { recursive: true });
  const unlock = takeLock(join(DIST, "build.lock"), 60_000);
  if (!unlock) throw new Failure("Another start has been building the page for a minute: end it first.");
  try {
    if (!existsSync(join(DIST, "client", "index.html"))) await rm(STAMP, { force: true });
    await onceFor(STAMP, await fingerprint(ROOT, SOURCES), async () => {
      say("Building the page …");
      await build(signal);
    });
  } finally {
    unlock();
  }
};
