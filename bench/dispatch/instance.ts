import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startEngine } from "../../engine/engine.ts";
import { ROOT } from "../../scripts/root.ts";
import { migrateLedger } from "../../scripts/start/ledger.ts";
import { wranglerEnvironment } from "../../scripts/start/wrangler-environment.ts";
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

  const persist = join(folder.path, "worker");
  await mkdir(persist);
  const environment = wranglerEnvironment(process.env);
  await migrateLedger(persist, environment, () => {}, new AbortController().signal);

  // wrangler looks for its engine in the environment of the process that it is in.
  Object.assign(process.env, environment, engine.environment);
  const { unstable_DevEnv: DevEnv } = await import("wrangler");
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const secrets = {
    CURFEW_ENGINE: "process",
    CURFEW_URL: url,
    CURFEW_TOKEN: TOKEN,
    CURFEW_SECRET: "a-secret",
  };
  const worker = await new DevEnv().startWorker({
    config: join(ROOT, "wrangler.jsonc"),
    entrypoint: join(import.meta.dirname, "worker.ts"),
    bindings: Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [name, { type: "secret_text", value }]),
    ),
    dev: {
      server: { hostname: "127.0.0.1", port },
      inspector: false,
      persist,
      remote: false,
      watch: false,
      logLevel: "error",
      containerBuildId: "bench",
    },
  });
  stack.defer(() => worker.dispose());
  await worker.ready;
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
