import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { Kin } from "./kin.ts";
import { COMMAND_MARKER } from "./marker.ts";

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
  /** Whether all that the command has started ends with it, also what left its group. Costs a look at all processes. */
  readonly sweep: boolean;
  readonly input?: string | Buffer;
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

/**
 * Node's pipes are sockets, which go both ways: an editor or pager without a terminal reads keys from where it
 * writes, and would wait for ours for ever. Behind this it reads an end.
 */
const endAnswers = (output: Readable | null): void => {
  if (output instanceof Socket) output.end();
};

const start = (
  { command, args, cwd, env, input, channel }: GroupOrder,
  marks: Readonly<Record<string, string>>,
): ChildProcess => {
  const stdin = input === undefined ? "ignore" : "pipe";
  const child = spawn(command, args, {
    cwd,
    env: { ...env, ...marks },
    detached: true, // A group of its own, and no terminal to ask on.
    stdio: [stdin, "pipe", "pipe", ...(channel ? (["pipe"] as const) : [])],
  });
  // It may end without reading all; its exit code says whether that was wrong.
  child.stdin?.on("error", () => {}).end(input);
  for (const output of [child.stdout, child.stderr]) endAnswers(output);
  const socket = child.stdio[3] as Duplex | undefined;
  if (socket) channel?.(socket.on("error", () => {}));
  return child;
};

/** Starts a command whose kin is kept in mind. */
const startMarked = (order: GroupOrder): { child: ChildProcess; kin: Kin | null } => {
  const mark = randomUUID();
  const child = start(order, { [COMMAND_MARKER]: mark });
  const kin = child.pid === undefined ? null : new Kin(child.pid, `${COMMAND_MARKER}=${mark}\0`);
  return { child, kin };
};

/**
 * Runs a command in a process group of its own, which ends with the signal or the time limit.
 *
 * @throws if the command can't be started
 */
export const runGroup = (order: GroupOrder): Promise<GroupEnd> => {
  if (order.signal.aborted) return Promise.resolve({ exitCode: null, stopped: "aborted" });
  const { promise, resolve, reject } = Promise.withResolvers<GroupEnd>();
  const { child, kin } = order.sweep ? startMarked(order) : { child: start(order, {}), kin: null };
  const timers: NodeJS.Timeout[] = [];
  let stopped: GroupEnd["stopped"] = null;
  let swept: Promise<void> | undefined;

  // One that left the group, and so lives on, could hold the pipes open for ever.
  const letGoAfter = (ms: number) => {
    const streams = child.stdio as (Readable | null)[];
    timers.push(setTimeout(() => streams.forEach((stream) => stream?.destroy()), ms));
  };
  const send = (signal: NodeJS.Signals) => {
    if (signal === "SIGKILL") kin?.look();
    signalGroup(child, signal);
    if (signal === "SIGKILL") kin?.kill();
  };
  const stop = (why: "aborted" | "timeout") => {
    if (stopped) return;
    stopped = why;
    kin?.look();
    for (const { signal, afterMs } of order.ending) {
      timers.push(setTimeout(() => send(signal), afterMs));
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
    // What doesn't end on SIGKILL now may do so later; the container's end looks for it again.
    swept = kin?.end().catch(() => {});
    letGoAfter(LAST_OUTPUT_MS);
  });
  child.once("close", async (exitCode) => {
    settle();
    if (stopped) signalGroup(child, "SIGKILL");
    await swept;
    resolve({ exitCode, stopped });
  });
  return promise;
};
