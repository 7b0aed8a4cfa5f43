import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Kin } from "../processes/kin.ts";
import { MARKER } from "../processes/marker.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import { PATIENCE } from "./agents/agent-process.ts";
import { Control } from "./control/control.ts";
import { takeEnvironment } from "./control/environment.ts";
import { createGitWork } from "./git/git-work.ts";
import { watchLifeline } from "./control/lifeline.ts";
import { createDial, pingEvery } from "./link/dial.ts";
import { createServer } from "./control/server.ts";

/** The control server of one town's container. */

const { port, host, url, town, life, leaseMs, token, marker } = takeEnvironment(process.env);
const folder = process.cwd();
const log = (line: string): void => console.error(line);

/** With the town, all reason to save anything is gone. */
const isGone = (code: number): boolean => code === CloseCode.gone || code === CloseCode.notFound;

const boot = randomUUID();
const control = new Control({
  town,
  url,
  token,
  folder,
  boot: { boot, life },
  variables: process.env,
  patience: PATIENCE,
  git: createGitWork({ folder: join(folder, "git"), now: Date.now, log }),
  dial: createDial({ url, token, random: Math.random, pingEveryMs: pingEvery(leaseMs) }),
  log,
  ended: (code) => {
    log(`the Town closed the line for good: ${code}`);
    if (isGone(code)) process.exit(0);
    void stop(1);
  },
});

let stopping = false;
const stop = async (exitCode: number): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await control.stop();
  process.exit(exitCode);
};

const kin = marker === null ? null : new Kin(process.pid, `${MARKER}=${marker}\0`);

// Whatever ends this process, nothing that it started stays.
process.on("exit", () => {
  kin?.look();
  control.kill();
  kin?.endNow();
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => void stop(0));
if (marker !== null) watchLifeline(() => process.exit(1));

const app = createServer({ control, token, boot, log });
serve({ fetch: app.fetch, port, hostname: host }, (address) => {
  log(`listening on ${host}:${address.port}`);
  control.open();
});
