import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { type GroupEnd, runGroup } from "../../processes/group.ts";
import { isRunning } from "../container/support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A script whose `$PID` is a file that it writes a process id to; the script has ended when this resolves. */
const run = async (script: string, change: { timeoutMs?: number; ending?: "at once" | "in order" } = {}) => {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const file = join(folder.path, "pid");
  const pid = (): number => Number(readFileSync(file, "utf8"));
  onTestFinished(() => {
    try {
      process.kill(pid(), "SIGKILL");
    } catch {
      // Gone, as it should be.
    }
  });
  const order = {
    command: "bash",
    args: ["-c", script],
    cwd: folder.path,
    env: { PATH: process.env["PATH"] ?? "", PID: file },
    signal: new AbortController().signal,
    timeoutMs: change.timeoutMs ?? 600_000,
    ending:
      change.ending === "in order"
        ? ([
            { signal: "SIGTERM", afterMs: 0 },
            { signal: "SIGKILL", afterMs: 200 },
          ] as const)
        : ([{ signal: "SIGKILL", afterMs: 0 }] as const),
    sweep: true,
    onOutput: () => {},
    onError: () => {},
  };
  const end: GroupEnd = await runGroup(order);
  return { end, pid: pid() };
};

describe("What a command started", () => {
  test.each([
    ["stays in its group", "sleep 1000 & echo $! > $PID"],
    ["begins a session of its own", "setsid sleep 1000 & echo $! > $PID"],
    ["lets go of its output", "setsid nohup sleep 1000 > /dev/null 2>&1 & echo $! > $PID"],
    ["drops its environment", "env -i sleep 1000 & echo $! > $PID"],
    ["drops its environment in a group of its own", "set -m; env -i sleep 1000 & echo $! > $PID"],
    [
      "drops its environment, and is a child of what didn't",
      `setsid sh -c 'env -i setsid sleep 1000 & echo $! > $PID; wait' & until [ -s $PID ]; do sleep 0.01; done`,
    ],
    ["doesn't hear SIGTERM", `setsid sh -c 'trap "" TERM HUP; echo $$ > $PID; sleep 1000' & sleep 0.3`],
  ])("ends with it, when it ends by itself: what %s", async (_, script) => {
    const { end, pid } = await run(script);
    expect(end).toEqual({ exitCode: 0, stopped: null });
    expect(isRunning(pid)).toBe(false);
  });

  test.each([
    ["at once", "env -i setsid sleep 1000 & echo $! > $PID; wait"],
    ["in order", "env -i setsid sleep 1000 & echo $! > $PID; wait"],
    ["in order", "trap '' TERM; env -i setsid sleep 1000 & echo $! > $PID; wait; sleep 1000"],
    ["at once", "setsid sleep 1000 & echo $! > $PID; wait"],
  ] as const)("ends with it, when it is stopped %s: %s", async (ending, script) => {
    const { end, pid } = await run(script, { timeoutMs: 2000, ending });
    expect(end.stopped).toBe("timeout");
    expect(isRunning(pid)).toBe(false);
  });

  test("is nothing that was there before or is somebody else's", async () => {
    const other = new AbortController();
    const slow = runGroup({
      command: "sh",
      args: ["-c", "setsid sh -c 'sleep 0.5; exit 5' & wait $!"],
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "" },
      signal: other.signal,
      timeoutMs: 600_000,
      ending: [{ signal: "SIGKILL", afterMs: 0 }],
      sweep: true,
      onOutput: () => {},
      onError: () => {},
    });
    await delay(0);
    await run("setsid sleep 1000 & echo $! > $PID");
    expect(await slow).toEqual({ exitCode: 5, stopped: null });
  });
});

test.each([
  ["its output", "cat <&1; echo $$ > $PID"],
  ["its error output", "cat <&2; echo $$ > $PID"],
  ["both, down one pipe", "exec 2>&1; cat <&2; echo $$ > $PID"],
])("W12: A command that reads an answer from %s gets none, and goes on", async (_, script) => {
  const { end } = await run(`${script}; echo words; echo words >&2`, { timeoutMs: 10_000 });
  expect(end).toEqual({ exitCode: 0, stopped: null });
});
