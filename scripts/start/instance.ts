import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startRunning } from "./engine.ts";
import { hostEnvironment } from "./environment.ts";
import { Failure } from "./failure.ts";
import { endLeftovers } from "./leftovers.ts";
import { isFree } from "./ports.ts";
import { keptSecret } from "./secrets.ts";
import { type Server, startServer } from "./server.ts";
import type { Settings } from "./settings.ts";
import { claimState } from "./state.ts";

/** Docker's containers reach this machine by an address of its own, not by loopback. */
const LISTEN = { process: "127.0.0.1", docker: "0.0.0.0" } as const;

interface Options {
  /** The Worker's own: where it listens is where it is reached. */
  readonly settings: Settings;
  /** Where people find the page, for the one who tries to start a second instance. */
  readonly address: string;
  /** Makes what is run, once the state folder is this process's own. */
  readonly build: () => Promise<unknown>;
  readonly say: (line: string) => void;
  /** The wish to stop. */
  readonly stopped: AbortSignal;
}

/** Everything that serves one state folder; when it is disposed of, nothing of it is left. */
export interface Instance extends AsyncDisposable {
  readonly server: Server;
  /** The owner's token. */
  readonly token: string;
}

/** @throws Failure if it doesn't get to serve */
export const openInstance = async (options: Options): Promise<Instance> => {
  const { settings, address, build, say, stopped } = options;
  const { stateFolder: state, port } = settings;
  await using cleanup = new AsyncDisposableStack();

  cleanup.adopt(await claimState(state, `process ${process.pid} at ${address}`), (release) => release());
  const mark = await realpath(state);
  const left = await endLeftovers(mark);
  if (left > 0) say(`Ended ${left} processes that an earlier start had left behind.`);
  cleanup.defer(async () => void (await endLeftovers(mark)));
  if (!(await isFree(port))) {
    throw new Failure(`Port ${port} is in use, or closed to this user: set PORT to another one.`);
  }

  const storage = join(state, "worker");
  const logPath = join(state, "worker.log");
  await mkdir(storage, { recursive: true });
  await writeFile(logPath, "", { mode: 0o600 });
  const token = settings.token ?? (await keptSecret(join(state, "token")));
  const secret = settings.secret ?? (await keptSecret(join(state, "secret")));
  await build();

  stopped.throwIfAborted();
  const engine = await startRunning(settings.engine, mark, say, stopped);
  cleanup.defer(() => engine.close());

  stopped.throwIfAborted();
  const server = await startServer({
    order: {
      type: "serve",
      hostname: LISTEN[settings.engine],
      port,
      persistTo: storage,
      engine: { address: engine.address, sideCarImage: engine.sideCarImage },
      image: engine.image,
      sweepEveryMs: settings.sweepEveryMs,
      secrets: {
        ...settings.forWorker,
        CURFEW_ENGINE: settings.engine,
        CURFEW_URL: settings.url,
        CURFEW_TOKEN: token,
        CURFEW_SECRET: secret,
      },
    },
    env: { ...hostEnvironment(process.env, mark), ...engine.environment },
    logPath,
    say,
    stopped,
  });
  cleanup.defer(() => server.close());
  const rest = cleanup.move();
  return { server, token, [Symbol.asyncDispose]: () => rest.disposeAsync() };
};
