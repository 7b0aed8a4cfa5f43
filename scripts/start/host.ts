// A process of its own around workerd: started by the script, ended with it. It is miniflare alone, which
// wrangler would put its bundler, a second workerd as a front, an inspector and a debug port around: those
// ports let any process of the machine run code in the Worker and read its keys.
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import * as v from "valibot";
import { WORKER } from "../build/bundles.ts";
import { readPlan } from "../build/worker-plan.ts";
import { type FromHost, type ServeOrder, ToHost } from "./host-messages.ts";
import { migrateLedger } from "./ledger.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

let stopping = false;
let serving: { readonly runtime: Runtime; readonly order: ServeOrder } | null = null;

const tell = (message: FromHost): void => {
  process.send?.(message);
};

/** The first cause: what is around it says only that something went wrong. */
const fail = (error: unknown): void => {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  tell({ type: "failed", reason: root instanceof Error ? root.message : String(root) });
};

/**
 * miniflare starts a workerd that dies again by itself, but as often as it dies. So any death is told, and
 * everything starts anew, or doesn't. miniflare's own restarts kill the old one from here, which `killed`
 * tells.
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

/** Read each time: it may have been built anew. */
const runtimeOptions = async (order: ServeOrder): Promise<RuntimeOptions> => ({
  ...order,
  plan: await readPlan(),
  script: WORKER,
});

/** The sweep: in the cloud a cron trigger starts it, and here nobody would. */
const sweepLater = (ms: number, runtime: Runtime, cron: string): void => {
  setTimeout(() => {
    void runtime
      .runScheduled(cron)
      .catch((error: unknown) => console.error("sweep:", error))
      .then(() => sweepLater(ms, runtime, cron));
  }, ms);
};

const serve = async (order: ServeOrder): Promise<void> => {
  const options = await runtimeOptions(order);
  await migrateLedger(options.plan, order.persistTo, (line) => tell({ type: "doing", line }));
  tell({ type: "doing", line: "Starting the Worker …" });
  const runtime = await Runtime.open(options);
  serving = { runtime, order };
  for (const cron of options.plan.options.cronTriggers) sweepLater(order.sweepEveryMs, runtime, cron);
  tell({ type: "ready" });
};

const reload = async (): Promise<void> => {
  await serving?.runtime.reload(await runtimeOptions(serving.order));
  tell({ type: "reloaded" });
};

const end = async (): Promise<void> => {
  stopping = true;
  await serving?.runtime[Symbol.asyncDispose]();
  process.exit(0);
};

process.on("message", (message) => {
  const order = v.parse(ToHost, message);
  switch (order.type) {
    case "serve":
      serve(order).catch(fail);
      return;
    case "reload":
      reload().catch(fail);
      return;
    case "stop":
      void end();
  }
});
process.on("disconnect", () => void end());
watchRuntimes();
