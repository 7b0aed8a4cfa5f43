import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { plainLine } from "../../src/protocol/text.ts";

/** What a process may still have written is waited for this long, should a stranger hold its pipe. */
const LAST_WORDS_MS = 1000;

/** How a child process ended, in words: `exit code 1`, `killed by SIGKILL`, `spawn x ENOENT`. */
export const exitOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) resolve(plainLine(error.message));
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`);
    });
  });

/** Resolves when the child's output has been read to its end, or soon enough. */
export const outputEnd = (child: ChildProcess): Promise<unknown> => {
  const open = [child.stdout, child.stderr].filter((stream) => stream && !stream.readableEnded);
  const ends = open.map((stream) => once(stream as NodeJS.ReadableStream, "close").catch(() => {}));
  return Promise.race([Promise.all(ends), delay(LAST_WORDS_MS, undefined, { ref: false })]);
};
