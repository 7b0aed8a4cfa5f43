// A process of its own around wrangler's dev server: started by the script, ended with it. It is wrangler
// as a library rather than `wrangler dev`, because the command always opens an inspector and a debug
// port, which let any process of the machine run code in the Worker and read its keys; and because
// secrets can be handed over without a file. `unstable_` is the reason for the exact pin of wrangler.
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import * as v from "valibot";
import { unstable_DevEnv as DevEnv } from "wrangler";
import { ROOT } from "../root.ts";
import { type FromHost, type ServeOrder, ToHost } from "./host-messages.ts";

let stopping = false;
let stop = async (): Promise<void> => {};

const tell = (message: FromHost): void => {
  process.send?.(message);
};

/** wrangler wraps what went wrong in sentences that say only that something did. */
const fail = (error: {
  readonly message?: string;
  readonly reason?: string;
  readonly cause?: unknown;
}): void => {
  let root = error;
  while (typeof root.cause === "object" && root.cause !== null) root = root.cause;
  tell({ type: "failed", reason: root.message ?? root.reason ?? "no reason given" });
};

/**
 * Two workerds work for wrangler. It restarts either when it dies, but a new front one never learns
 * where the other is and holds all requests for ever: so any death is told, and everything starts anew.
 * wrangler's own restarts kill the old one from here, which `killed` tells.
 */
const watchRuntimes = (): void => {
  subscribe("child_process", (message) => {
    const { process: child } = message as { process: ChildProcess };
    child.once("exit", (code, signal) => {
      if (stopping || child.killed || !child.spawnfile.includes("workerd")) return;
      tell({ type: "died", reason: `workerd ended with ${signal ?? `exit code ${code}`}` });
    });
  });
};

const serve = async ({ hostname, port, persistTo, imageTag, secrets }: ServeOrder): Promise<void> => {
  const server = new DevEnv();
  server.once("buildFailed", fail);
  server.on("error", fail);
  server.once("reloadComplete", () => tell({ type: "ready" }));
  const worker = await server.startWorker({
    config: join(ROOT, "wrangler.jsonc"),
    bindings: Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [name, { type: "secret_text", value }]),
    ),
    dev: {
      server: { hostname, port },
      inspector: false,
      persist: persistTo,
      remote: false,
      watch: false,
      logLevel: "warn",
      containerBuildId: imageTag,
    },
  });
  stop = () => worker.dispose();
};

const end = async (): Promise<void> => {
  stopping = true;
  await stop();
  process.exit(0);
};

process.on("message", (message) => {
  const order = v.parse(ToHost, message);
  if (order.type === "stop") void end();
  else serve(order).catch(fail);
});
process.on("disconnect", () => void end());
watchRuntimes();
