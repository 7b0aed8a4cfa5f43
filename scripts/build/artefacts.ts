import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../root.ts";
import { runQuietly } from "../start/command.ts";
import { Failure } from "../start/failure.ts";
import { takeLock } from "../start/lock.ts";
import { BUNDLES, type Bundle, DIST } from "./bundles.ts";
import { fingerprint } from "./fingerprint.ts";
import { onceFor } from "./stamp.ts";

/** Something in `dist/` that is made from the sources by a command, and only when they have changed. */
export interface Artefact {
  /** As the object of a sentence: `the page`. */
  readonly what: string;
  /** Its folder in `dist/`. */
  readonly name: string;
  /** Files and folders; more than is needed is only work, less would be a stale artefact. */
  readonly sources: readonly string[];
  readonly command: readonly [script: string, ...args: string[]];
  /** What is there when it was made. */
  readonly result: string;
}

/** All at once on a busy machine. */
const BUILD_MAX_MS = 300_000;

/** What every artefact depends on. */
const GROUND = ["package-lock.json", "tsconfig.base.json", "scripts/build"];

const bundled = (what: string, { name, entries, sources, assets }: Bundle): Artefact => ({
  what,
  name,
  sources: [...sources, ...assets],
  command: ["scripts/build/bundle.ts", name],
  result: `${Object.keys(entries)[0]}.js`,
});

/** The page that the Worker serves. */
export const PAGE: Artefact = {
  what: "the page",
  name: "client",
  sources: ["client", "src/protocol", "vite.config.ts"],
  command: ["scripts/build/page.ts"],
  result: "index.html",
};

export const WORKER_BUNDLE = bundled("the Worker", BUNDLES.worker);
export const CONTAINER_BUNDLE = bundled("the control server", BUNDLES.container);
export const ENGINE_BUNDLE = bundled("the engine", BUNDLES.engine);

/** How miniflare is to run the Worker. */
export const WORKER_PLAN: Artefact = {
  what: "the Worker's plan",
  name: "plan",
  sources: ["wrangler.jsonc"],
  command: ["scripts/build/plan.ts"],
  result: "plan.json",
};

/** All that an instance runs beside the page. */
export const BEHIND_THE_PAGE = [WORKER_BUNDLE, CONTAINER_BUNDLE, ENGINE_BUNDLE, WORKER_PLAN] as const;

/** All that `npm start` runs. */
export const ALL = [PAGE, ...BEHIND_THE_PAGE] as const;

const ensureOne = async (
  { what, name, sources, command, result }: Artefact,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<boolean> => {
  const stamp = join(DIST, `${name}.stamp`);
  if (!existsSync(join(DIST, name, result))) await rm(stamp, { force: true });
  return onceFor(stamp, await fingerprint(ROOT, [...GROUND, ...sources]), async () => {
    say(`Building ${what} …`);
    const [script, ...args] = command;
    await runQuietly(`Building ${what}`, script, args, { cwd: ROOT, ...(signal && { signal }) });
  });
};

/**
 * Makes those of the artefacts that aren't there or whose sources have changed, all at once. Instances that
 * start at the same time make each once: the others wait.
 *
 * @returns those that were made
 * @throws Failure if one can't be made, or another instance doesn't get done with it
 */
export const ensureBuilt = async (
  artefacts: readonly Artefact[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Artefact[]> => {
  await mkdir(DIST, { recursive: true });
  const unlock = takeLock(join(DIST, "build.lock"), BUILD_MAX_MS);
  if (!unlock) throw new Failure("Another start has been building for five minutes: end it first.");
  try {
    const made = await Promise.allSettled(artefacts.map((one) => ensureOne(one, say, signal)));
    for (const one of made) if (one.status === "rejected") throw one.reason;
    return artefacts.filter((_, index) => (made[index] as PromiseFulfilledResult<boolean>).value);
  } finally {
    unlock();
  }
};
