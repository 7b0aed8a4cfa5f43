import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { endGroup } from "../processes/ending.ts";
import { Kin } from "../processes/kin.ts";
import { MARKER } from "../processes/marker.ts";
import { beginningOf } from "../processes/table.ts";
import { containerEnvironment } from "./environment.ts";
import { eachLine } from "./lines.ts";
import type { Ports } from "./ports.ts";
import { removeRecord, writeRecord } from "./records.ts";
import { exitCodeOf } from "./signals.ts";
import type { StateFolder } from "./state-folder.ts";
import type { WorkingFolders } from "./working-folders.ts";

/** What all lives of all containers of one engine have in common. */
export interface Ground {
  readonly state: StateFolder;
  /** What a container runs: the program and its arguments. */
  readonly command: readonly string[];
  readonly folders: WorkingFolders;
  readonly ports: Ports;
  readonly log: (line: string) => void;
}

/** Whose life it is. */
export interface Who {
  readonly name: string;
  /** Short; names the working folder, the record and, with the engine's, the marker. */
  readonly id: string;
  /** Environment entries (`KEY=value`) of the create call. */
  readonly environment: readonly string[];
}

/** A container from its start to its end. */
export interface Life {
  readonly pid: number;
  readonly port: number;
  /** To the main process alone, so that it can stop its children in order. */
  signal(signal: NodeJS.Signals): void;
  /** Ends the process group at once. What has left the group ends with the life, as always. */
  kill(): void;
  /** The exit code, once no process of the container is left and its disk is gone. */
  readonly ended: Promise<number>;
}

/**
 * The main process' file descriptor 3 is one end of a pipe of which the engine holds the other: when
 * the engine dies, however it dies, the process reads end-of-file there and should exit.
 */
const STDIO = ["ignore", "pipe", "pipe", "pipe"] as const;

const spawnMain = async (ground: Ground, who: Who, port: number): Promise<ChildProcess> => {
  const folder = await ground.folders.fresh(who.id);
  const [program = "", ...args] = ground.command;
  const env = containerEnvironment(process.env, who.environment, {
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    PORT: String(port),
    [MARKER]: `${ground.state.id}-${who.id}`,
  });
  // Detached means a session, and so a process group, of its own.
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: [...STDIO] });
  if (child.pid === undefined) {
    const [error] = (await once(child, "error")) as [Error];
    throw error;
  }
  return child;
};

const record = (ground: Ground, who: Who, pid: number): void => {
  try {
    const life = { container: who.name, pid, beginning: beginningOf(pid) };
    writeRecord(ground.state, who.id, life);
  } catch (error) {
    endGroup(pid); // What can't be recorded could outlive us.
    throw error;
  }
};

const tidy = async (ground: Ground, who: Who, port: number): Promise<void> => {
  removeRecord(ground.state, who.id);
  ground.ports.giveBack(port);
  await ground.folders.discard(who.id);
};

const exitOf = (child: ChildProcess): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  return promise;
};

/**
 * Starts a container: a process group of its own, in a fresh working folder, with a port of its own.
 *
 * @throws if it can't be started; then nothing is left of the attempt
 */
export const startLife = async (ground: Ground, who: Who): Promise<Life> => {
  const { log } = ground;
  const port = await ground.ports.take();
  let child: ChildProcess;
  let pid: number;
  try {
    child = await spawnMain(ground, who, port);
    pid = child.pid as number;
    record(ground, who, pid);
  } catch (error) {
    await tidy(ground, who, port);
    throw error;
  }
  const exited = exitOf(child);
  const kin = new Kin(pid, `${MARKER}=${ground.state.id}-${who.id}\0`);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  log(`${who.id} started as process ${pid} on port ${port}: ${who.name}`);

  for (const output of [child.stdout, child.stderr]) {
    if (output) eachLine(output, (line) => log(`${who.id}: ${line}`));
  }
  child.on("error", (error) => log(`${who.id}: ${error.message}`));
  child.stdio[3]?.on("error", () => {}); // The other end broke; the exit says so, too.

  const end = async (): Promise<number> => {
    const exitCode = await exited;
    try {
      endGroup(pid);
      await kin.end();
      await tidy(ground, who, port);
    } catch (error) {
      log(`${who.id} has ended, but not all of it is gone: ${(error as Error).message}`);
    }
    log(`${who.id} ended with ${exitCode}`);
    return exitCode;
  };

  return {
    pid,
    port,
    signal: (signal) => {
      kin.look();
      child.kill(signal);
    },
    kill: () => {
      if (isOver()) return;
      kin.look();
      endGroup(pid);
    },
    ended: end(),
  };
};
