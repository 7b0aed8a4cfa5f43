// `npm start`: everything that Curfew needs on this machine, from an empty state folder to a page that
// answers, and all of it ended again by Ctrl-C.
import { createHash } from "node:crypto";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./root.ts";
import { startRunning } from "./start/engine.ts";
import { Failure } from "./start/failure.ts";
import { claimState } from "./start/instance.ts";
import { endLeftovers, MARK } from "./start/leftovers.ts";
import { migrateLedger } from "./start/ledger.ts";
import { ensurePage } from "./start/page.ts";
import { isFree } from "./start/ports.ts";
import { keptSecret } from "./start/secrets.ts";
import { startServer } from "./start/server.ts";
import { readSettings, unknownSettings } from "./start/settings.ts";
import { wranglerEnvironment } from "./start/wrangler-environment.ts";

/** Docker's containers reach this machine by an address of its own, not by loopback. */
const LISTEN = { process: "127.0.0.1", docker: "0.0.0.0" } as const;

/** What people should know before they let agents work. */
const REACH = {
  process:
    "Agents run as ordinary processes of your user: they can read and change your files and use your network. " +
    "CURFEW_ENGINE=docker keeps them in containers.",
  docker: "Agents run in Docker. The port is open to your network, because containers come in by it.",
} as const;

const say = (line: string): void => console.error(line);

const main = async (stopped: AbortSignal): Promise<void> => {
  await using cleanup = new AsyncDisposableStack();

  for (const name of unknownSettings(process.env)) say(`${name} is not a setting of Curfew: ignored.`);
  const settings = readSettings(process.env, ROOT);
  const { port, stateFolder: state } = settings;
  const local = `http://localhost:${port}`;

  cleanup.adopt(await claimState(state, `process ${process.pid} at ${local}`), (release) => release());
  const mark = await realpath(state);
  const left = await endLeftovers(mark);
  if (left > 0) say(`Ended ${left} processes that an earlier start had left behind.`);
  cleanup.defer(async () => void (await endLeftovers(mark)));
  if (!(await isFree(port))) {
    throw new Failure(`Port ${port} is in use, or closed to this user: set PORT to another one.`);
  }

  const storage = join(state, "worker");
  const logPath = join(state, "wrangler.log");
  await mkdir(storage, { recursive: true });
  await writeFile(logPath, "", { mode: 0o600 });
  const token = settings.token ?? (await keptSecret(join(state, "token")));
  const secret = settings.secret ?? (await keptSecret(join(state, "secret")));
  await ensurePage(say, stopped);
  const env = { ...wranglerEnvironment(process.env), [MARK]: mark };
  await migrateLedger(storage, env, say, stopped);

  stopped.throwIfAborted();
  const engine = await startRunning(settings.engine, state);
  cleanup.defer(() => engine.close());

  stopped.throwIfAborted();
  const server = await startServer({
    order: {
      type: "serve",
      hostname: LISTEN[settings.engine],
      port,
      persistTo: storage,
      // wrangler ends all containers of its images when it ends.
      imageTag: createHash("sha256").update(mark).digest("hex").slice(0, 12),
      secrets: {
        ...settings.forWorker,
        CURFEW_ENGINE: settings.engine,
        CURFEW_URL: settings.url,
        CURFEW_TOKEN: token,
        CURFEW_SECRET: secret,
      },
    },
    env: { ...env, ...engine.environment },
    logPath,
    say,
    stopped,
  });
  cleanup.defer(() => server.close());

  console.log(`Curfew is open at ${local}/?token=${encodeURIComponent(token)}`);
  console.log(REACH[settings.engine]);

  const stop = new Promise<void>((resolve) => {
    if (stopped.aborted) resolve();
    stopped.addEventListener("abort", () => resolve());
  });
  await Promise.race([stop, server.lost]);
};

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => stopping.abort());
}
// The process that started this one is gone.
process.on("disconnect", () => stopping.abort());

try {
  await main(stopping.signal);
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(error instanceof Failure ? error.message : error);
    process.exitCode = 1;
  }
}
if (process.connected) process.disconnect();
