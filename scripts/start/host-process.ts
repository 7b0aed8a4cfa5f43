import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import { FromHost, type ServeOrder, type ToHost } from "./host-messages.ts";

/** One life of the process that hosts workerd, and of everything that it started. */
export interface Host {
  /** Resolves when the Worker runs; never, if `ended` comes first. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the process has ended. */
  readonly ended: Promise<string>;
  /** Has the Worker run that was built anew. Resolves with why it doesn't; never, if `ended` comes first. */
  reload(): Promise<string | null>;
  /** Asks it to end, and kills it if it hasn't within `deadlineMs`. */
  stop(deadlineMs: number): void;
  /** Kills it, for a reason that `ended` will give. */
  kill(reason: string): void;
}

const killGroup = (child: ChildProcess): void => {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
};

/**
 * Starts a host in a process group of its own: Ctrl-C doesn't reach it, and all of it can be killed at
 * once.
 *
 * @param say tells the steps that take their time
 * @param log an open file for what workerd and the Worker print
 */
export const startHost = (
  order: ServeOrder,
  env: NodeJS.ProcessEnv,
  log: number,
  say: (line: string) => void,
): Host => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "host.ts")], {
    detached: true,
    env,
    stdio: ["ignore", log, log, "ipc"],
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  let reloaded = Promise.withResolvers<string | null>();
  let why: string | null = null;
  let stopping = false;
  const kill = (reason: string): void => {
    why ??= reason;
    killGroup(child);
  };

  child.on("message", (message) => {
    const said = v.parse(FromHost, message);
    switch (said.type) {
      case "doing":
        say(said.line);
        return;
      case "ready":
        ready.resolve();
        return;
      case "reloaded":
        reloaded.resolve(said.fault);
        return;
      case "failed":
      case "died":
        kill(said.reason);
    }
  });
  child.once("error", (error) => ended.resolve(error.message));
  child.once("exit", (code, signal) => {
    killGroup(child);
    ended.resolve(why ?? `its host ended with ${signal ?? `exit code ${code}`}`);
  });
  child.send(order satisfies ToHost);

  return {
    ready: ready.promise,
    ended: ended.promise,
    kill,
    reload: () => {
      reloaded = Promise.withResolvers<string | null>();
      if (child.connected) child.send({ type: "reload" } satisfies ToHost);
      return reloaded.promise;
    },
    stop: (deadlineMs) => {
      if (stopping) return;
      stopping = true;
      const deadline = setTimeout(() => killGroup(child), deadlineMs);
      void ended.promise.then(() => clearTimeout(deadline));
      if (child.connected) child.send({ type: "stop" } satisfies ToHost);
    },
  };
};
