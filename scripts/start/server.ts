import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.ts";
import type { ServeOrder } from "./host-messages.ts";
import { type Host, startHost } from "./host-process.ts";
import { logTail } from "./log-tail.ts";
import { restartAfter } from "./restarts.ts";

const STOP_DEADLINE_MS = 5000;
const ANSWER_DEADLINE_MS = 60_000;

/** The Worker, kept alive over any number of hosts' lives. */
export interface Server {
  /** Never resolves; rejects with a Failure when the Worker can't be kept alive. */
  readonly lost: Promise<never>;
  /** Has the Worker run that was built anew. @returns why it doesn't; `null` if it does */
  reload(): Promise<string | null>;
  close(): Promise<void>;
}

interface Options {
  readonly order: ServeOrder;
  readonly env: NodeJS.ProcessEnv;
  /** The file for what workerd and the Worker print. */
  readonly logPath: string;
  readonly say: (line: string) => void;
  /** The wish to stop: ends a start that is under way, and restarts. */
  readonly stopped: AbortSignal;
}

/** Asks the Worker itself: a port that listens says nothing. */
const isHealthy = async (port: number): Promise<boolean> => {
  const response = await fetch(`http://127.0.0.1:${port}/api/health`);
  const body = (await response.json()) as { ok?: unknown };
  return response.ok && body.ok === true;
};

/** Whether the host got so far that the Worker answers; if not, the host has ended or is about to. */
const serves = async (host: Host, port: number): Promise<boolean> => {
  const giveUp = (): void => host.kill("the Worker does not answer");
  const deadline = setTimeout(giveUp, ANSWER_DEADLINE_MS);
  const gone = host.ended.then(() => false);
  try {
    if (!(await Promise.race([host.ready.then(() => true), gone]))) return false;
    const healthy = await Promise.race([isHealthy(port).catch(() => false), gone]);
    if (!healthy) giveUp();
    return healthy;
  } finally {
    clearTimeout(deadline);
  }
};

/**
 * Starts the Worker, waits until it answers a request, and from then on starts it again on the same
 * storage whenever its runtime dies.
 *
 * @throws Failure if it doesn't get to serve
 */
export const startServer = async ({ order, env, logPath, say, stopped }: Options): Promise<Server> => {
  const log = await open(logPath, "a", 0o600);
  const closing = new AbortController();
  const ending = AbortSignal.any([stopped, closing.signal]);
  const deaths: number[] = [];
  const failed = async (sentence: string): Promise<Failure> =>
    new Failure(`${sentence}${await logTail(logPath)}`);

  let host = startHost(order, env, log.fd, say);
  ending.addEventListener("abort", () => host.stop(STOP_DEADLINE_MS), { once: true });
  if (!(await serves(host, order.port))) {
    const failure = await failed(`The Worker could not be started: ${await host.ended}.`);
    await log.close();
    throw failure;
  }

  const keepAlive = async (): Promise<void> => {
    for (;;) {
      const reason = await host.ended;
      if (ending.aborted) return;
      deaths.push(Date.now());
      const waitMs = restartAfter(deaths);
      if (waitMs === null) throw await failed(`The Worker dies again and again, last of: ${reason}.`);
      say(`The Worker died (${reason}); starting it again …`);
      await sleep(waitMs, undefined, { signal: ending }).catch(() => {});
      if (ending.aborted) return;
      host = startHost(order, env, log.fd, say);
      if (await serves(host, order.port)) say("The Worker is back.");
    }
  };
  const kept = keepAlive();

  return {
    lost: kept.then(() => new Promise<never>(() => {})),
    reload: () => Promise.race([host.reload(), host.ended]),
    close: async () => {
      closing.abort();
      await kept.catch(() => {});
      await log.close();
    },
  };
};
