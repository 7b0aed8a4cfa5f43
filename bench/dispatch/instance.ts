import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startEngine } from "../../engine/engine.ts";
import { CONTAINER_BUNDLE, ensureBuilt, PAGE, WORKER_PLAN } from "../../scripts/build/artefacts.ts";
import { makeBundle } from "../../scripts/build/bundle.ts";
import { BUNDLES } from "../../scripts/build/bundles.ts";
import { readPlan } from "../../scripts/build/worker-plan.ts";
import { migrateLedger } from "../../scripts/start/ledger.ts";
import { Runtime } from "../../scripts/start/runtime.ts";
import { freePort } from "../../test/support/free-port.ts";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { Arrivals } from "./arrivals.ts";

const TOKEN = "the-owners-token";

/** A whole instance with the process engine, whose containers tell when requests arrive. */
export interface Instance extends AsyncDisposable {
  readonly arrivals: Arrivals;
  /** A request as the owner. @throws Error if it is refused */
  ask<T>(method: string, path: string, body?: object): Promise<T>;
}

/** The Worker of the bench; its modules come from where the real one's do. */
const WORKER = {
  ...BUNDLES.worker,
  entries: { worker: "bench/dispatch/worker.ts" },
  sources: [...BUNDLES.worker.sources, "bench"],
};

export const startInstance = async (): Promise<Instance> => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const arrivals = new Arrivals();
  const engine = await startEngine({
    stateFolder: join(folder.path, "containers"),
    command: [process.execPath, join(import.meta.dirname, "container.ts")],
    log: (line) => arrivals.heard(line),
  });
  stack.defer(() => engine.close());

  await ensureBuilt([CONTAINER_BUNDLE, WORKER_PLAN, PAGE], console.error);
  await makeBundle(WORKER, folder.path);
  const plan = await readPlan();
  const persistTo = join(folder.path, "state");
  await mkdir(persistTo);
  await migrateLedger(plan, persistTo, () => {});

  Object.assign(process.env, engine.environment);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  stack.use(
    await Runtime.open({
      plan,
      script: join(folder.path, "worker.js"),
      hostname: "127.0.0.1",
      port,
      persistTo,
      engine,
      image: "curfew:bench",
      secrets: {
        CURFEW_ENGINE: "process",
        CURFEW_URL: url,
        CURFEW_TOKEN: TOKEN,
        CURFEW_SECRET: "a-secret-of-the-bench",
      },
    }),
  );
  const rest = stack.move();

  return {
    arrivals,
    ask: async (method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text.startsWith("{") ? JSON.parse(text) : text;
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
};
