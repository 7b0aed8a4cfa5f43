import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";

/** One step on the way to a process group's end: the signal, and how long after the stop it comes. */
export interface EndingStep {
  readonly signal: NodeJS.Signals;
  readonly afterMs: number;
}

export interface GroupOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What happens to the group when it is aborted or runs out of time. */
  readonly ending: readonly EndingStep[];
  /** Whether what the command leaves running in its group is killed when it ends by itself. */
  readonly sweep: boolean;
  readonly input?: string;
  onOutput(chunk: Buffer): void;
  onError(chunk: Buffer): void;
  /** Is given our end of a socket that is the command's file descriptor 3. */
  readonly channel?: (socket: Duplex) => void;
}

export interface GroupEnd {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  /** Why it was stopped from here, if it was. It may have come to its own end all the same. */
  readonly stopped: "aborted" | "timeout" | null;
}

/** How long output is waited for after the end of everything that should write it. */
const LAST_OUTPUT_MS = 1000;

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended, which is what was wanted.
  }
};

const start = ({ command, args, cwd, env, input, channel }: GroupOrder): ChildProcess => {
  const stdin = input === undefined ? "ignore" : "pipe";
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true, // A group of its own, and no terminal to ask on.
    stdio: [stdin, "pipe", "pipe", ...(channel ? (["pipe"] as const) : [])],
  });
  // It may end without reading all; its exit code says whether that was wrong.
  child.stdin?.on("error", () => {}).end(input);
  const socket = child.stdio[3] as Duplex | undefined;
  if (socket) channel?.(socket.on("error", () => {}));
  return child;
};

/**
 * Runs a command in a process group of its own, which ends with the signal or the time limit.
 *
 * @throws if the command can't be started
 */
export const runGroup = (order: GroupOrder): Promise<GroupEnd> => {
  if (order.signal.aborted) return Promise.resolve({ exitCode: null, stopped: "aborted" });
  const { promise, resolve, reject } = Promise.withResolvers<GroupEnd>();
  const child = start(order);
  const timers: NodeJS.Timeout[] = [];
  let stopped: GroupEnd["stopped"] = null;

  // One that left the group, and so lives on, could hold the pipes open for ever.
  const letGoAfter = (ms: number) => {
    const streams = child.stdio as (Readable | null)[];
    timers.push(setTimeout(() => streams.forEach((stream) => stream?.destroy()), ms));
  };
  const stop = (why: "aborted" | "timeout") => {
    if (stopped) return;
    stopped = why;
    for (const { signal, afterMs } of order.ending) {
      timers.push(setTimeout(() => signalGroup(child, signal), afterMs));
    }
    letGoAfter(Math.max(...order.ending.map(({ afterMs }) => afterMs)) + LAST_OUTPUT_MS);
  };
  const abort = () => stop("aborted");
  order.signal.addEventListener("abort", abort, { once: true });
  timers.push(setTimeout(() => stop("timeout"), order.timeoutMs));
  const settle = () => {
    order.signal.removeEventListener("abort", abort);
    timers.forEach(clearTimeout);
  };

  child.stdout?.on("data", (chunk: Buffer) => order.onOutput(chunk));
  child.stderr?.on("data", (chunk: Buffer) => order.onError(chunk));
  child.once("error", (error) => {
    settle();
    reject(error);
  });
  child.once("exit", () => {
    if (!order.sweep) return;
    signalGroup(child, "SIGKILL");
    letGoAfter(LAST_OUTPUT_MS);
  });
  child.once("close", (exitCode) => {
    settle();
    if (stopped) signalGroup(child, "SIGKILL");
    resolve({ exitCode, stopped });
  });
  return promise;
};
