// A process of its own around workerd: started by the script, ended with it. It is miniflare alone, which
// wrangler would put its bundler, a second workerd as a front, an inspector and a debug port around: those
// ports let any process of the machine run code in the Worker and read its keys.
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import * as v from "valibot";
import { WORKER } from "../build/bundles.ts";
import { type Plan, readPlan } from "../build/worker-plan.ts";
import { type FromHost, type ServeOrder, ToHost } from "./host-messages.ts";
import { migrateLedger } from "./ledger.ts";
import { Runtime } from "./runtime.ts";

/** What this host was told to serve. */
let order: ServeOrder | null = null;
/** `null` while none serves: then the end of a workerd is what whoever starts or stops it expects or is told. */
let runtime: Runtime | null = null;

const tell = (message: FromHost): void => {
  process.send?.(message);
};

/** The first cause: what is around it says only that something went wrong. */
const reasonOf = (error: unknown): string => {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  return root instanceof Error ? root.message : String(root);
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
      if (runtime === null || child.killed || !child.spawnfile.includes("workerd")) return;
      tell({ type: "died", reason: `workerd ended with ${signal ?? `exit code ${code}`}` });
    });
  });
};

/** Everything is read anew: it may have been built anew. */
const open = async (given: ServeOrder): Promise<Plan> => {
  const plan = await readPlan();
  await migrateLedger(plan, given.persistTo, (line) => tell({ type: "doing", line }));
  tell({ type: "doing", line: "Starting the Worker …" });
  runtime = await Runtime.open({ ...given, plan, script: WORKER });
  return plan;
};

const close = async (): Promise<void> => {
  const closing = runtime;
  runtime = null;
  await closing?.[Symbol.asyncDispose]();
};

/** The sweep: in the cloud a cron trigger starts it, and here nobody would. */
const sweepLater = (ms: number, cron: string): void => {
  setTimeout(() => {
    void Promise.resolve(runtime?.runScheduled(cron))
      .catch((error: unknown) => console.error("sweep:", error))
      .then(() => sweepLater(ms, cron));
  }, ms);
};

const serve = async (given: ServeOrder): Promise<void> => {
  order = given;
  const { options } = await open(given);
  for (const cron of options.cronTriggers) sweepLater(given.sweepEveryMs, cron);
  tell({ type: "ready" });
};

const reload = async (): Promise<void> => {
  if (order === null) return;
  await close();
  const fault = await open(order).then(() => null, reasonOf);
  tell({ type: "reloaded", fault });
};

const stop = async (): Promise<void> => {
  await close();
  process.exit(0);
};

process.on("message", (message) => {
  const told = v.parse(ToHost, message);
  switch (told.type) {
    case "serve":
      serve(told).catch((error: unknown) => tell({ type: "failed", reason: reasonOf(error) }));
      return;
    case "reload":
      void reload();
      return;
    case "stop":
      void stop();
  }
});
process.on("disconnect", () => void stop());
watchRuntimes();
