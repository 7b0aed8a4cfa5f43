import { join } from "node:path";
import { ROOT } from "../root.ts";

/** A program of ours that runs as one file: its modules are loaded once, when it is built, and not at each start. */
export interface Bundle {
  /** Its folder below `dist/`. */
  readonly name: string;
  /** What is built from what: paths without suffix below its folder, and the module that each begins with. */
  readonly entries: Readonly<Record<string, string>>;
  /** Files that lie beside it, because it reads or runs them by name. */
  readonly assets: readonly string[];
  /** All of ours that it is made of: a module from elsewhere fails the build. */
  readonly sources: readonly string[];
  readonly runsIn: "node" | "workerd";
  /** Packages that it finds at run time, as what else they install is needed with them. */
  readonly external: readonly string[];
}

export const BUNDLES = {
  worker: {
    name: "worker",
    entries: { worker: "src/worker.ts" },
    assets: [],
    sources: ["src", "parties"],
    runsIn: "workerd",
    external: [],
  },
  container: {
    name: "container",
    // The second is where `container/runtimes/script.ts` looks for it, from the first.
    entries: { main: "container/main.ts", "script/main": "container/runtimes/script/main.ts" },
    assets: ["container/git/credential-helper.sh"],
    sources: ["container", "processes", "src/protocol"],
    runsIn: "node",
    external: ["opencode-ai", "@vscode/ripgrep"],
  },
  engine: {
    name: "engine",
    entries: { engine: "engine/engine.ts" },
    assets: ["engine/docker"],
    sources: ["engine", "processes"],
    runsIn: "node",
    external: [],
  },
} as const satisfies Record<string, Bundle>;

export type BundleName = keyof typeof BUNDLES;

export const isBundle = (name: string): name is BundleName => Object.hasOwn(BUNDLES, name);

/** What is built goes below this folder. */
export const DIST = join(ROOT, "dist");

/** The one file of the Worker. */
export const WORKER = join(DIST, "worker", "worker.js");
/** The control server of a container. */
export const CONTROL_SERVER = join(DIST, "container", "main.js");
export const ENGINE = join(DIST, "engine", "engine.js");
