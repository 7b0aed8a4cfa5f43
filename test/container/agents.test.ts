import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { Agents } from "../../container/agents/agents.ts";
import { AgentFailure } from "../../container/agents/failure.ts";
import { startAgent } from "../../container/runtimes/start-agent.ts";
import { judge } from "../../container/agents/verdict.ts";
import { RunEnded } from "../../container/runs/ending.ts";
import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { TownEvent } from "../../src/protocol/container/town-up.ts";
import { turnOrder } from "./support/orders.ts";
import { isRunning } from "./support/processes.ts";
import { scratch } from "./support/scratch.ts";
import { Transcript } from "./support/started.ts";
import { until } from "./support/until.ts";

const FIXTURE = fileURLToPath(new URL("fixture/agent.ts", import.meta.url));
const KEY = "agent-key-0123456789";

/** The manager with real processes of an agent that does what its prompt says. */
const manage = async (variables: Record<string, string> = {}) => {
  const folder = await scratch();
  const told: TownEvent[] = [];
  const ground = {
    folder,
    url: "http://127.0.0.1:9",
    boot: crypto.randomUUID(),
    variables: { PATH: process.env["PATH"] },
    secrets: [],
    patience: { cancelMs: 200, endMs: 200 },
  };
  const agents = new Agents({
    start: (order, signal) => startAgent(ground, order, signal),
    tell: (event) => told.push(event),
  });
  onTestFinished(() => agents.endAll());
  const command = ["env", ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
  const runtime = { kind: "command", command: [...command, process.execPath, FIXTURE], model: null } as const;
  let transcript = new Transcript();
  const heard = () => transcript.texts.join("");
  const turn = async (
    prompt: string,
    change: Partial<TurnOrder> = {},
    signal = new AbortController().signal,
  ) => {
    transcript = new Transcript();
    const order = turnOrder({
      runtime: { ...runtime, command: [...runtime.command] },
      token: KEY,
      prompt,
      ...change,
    });
    try {
      const response = await agents.turn(order, transcript.add, signal);
      return { verdict: judge(response, transcript.texts.at(-1) ?? ""), text: transcript.texts.join("") };
    } finally {
      agents.settle(order.agent);
    }
  };
  const echo = async (change: Partial<TurnOrder> = {}) =>
    JSON.parse((await turn("echo", change)).text) as {
      pid: number;
      blocks: string[];
      meta: unknown;
      log: string[];
    };
  const states = () =>
    told.map((event) => (event.type === "process" ? `${event.process} ${event.state}` : event.type));
  return { agents, folder, turn, heard, echo, told, states };
};

const history: TurnOrder["history"] = [
  { from: "user", text: "My name is Dorothy" },
  { from: "agent", text: "Hello Dorothy" },
];

describe("An agent's process", () => {
  test("goes on from turn to turn, and a new one is told what was said before", async () => {
    const { echo, states } = await manage();
    const first = await echo();
    const second = await echo({ runId: "r2", history });
    expect(second.pid).toBe(first.pid);
    expect(second.blocks).toEqual(["echo"]);
    const third = await echo({ runId: "r3", process: "p2", history });
    expect(third.pid).not.toBe(first.pid);
    expect(third.blocks).toHaveLength(2);
    expect(third.blocks[0]).toContain("The person: My name is Dorothy\n\nYou: Hello Dorothy");
    expect(third.meta).toEqual({ curfew: { run: "r3", message: "m1" } });
    await until(() => !isRunning(first.pid));
    expect(states()).toEqual(["p1 up", "p1 down", "p2 up"]);
  });

  test("works in a folder of its own, and is offered none of our files or terminals", async () => {
    const { echo, folder } = await manage();
    const { log } = await echo();
    expect(log).toEqual(["fs false", `cwd ${join(folder, "agents", "mayor", "work")}`]);
  });

  test("is heard in order, to the last word before its answer", async () => {
    const { turn } = await manage();
    const { text } = await turn("burst");
    expect(text).toBe(Array.from({ length: 500 }, (_, i) => `${i} `).join(""));
  });

  test("may do what it asks for, once", async () => {
    const { turn } = await manage();
    expect(JSON.parse((await turn("ask")).text)).toEqual({ outcome: "selected", optionId: "allow_once" });
  });

  test("that dies in its turn fails it, with its last words and without its key", async () => {
    const { turn, states, told } = await manage();
    const failure: unknown = await turn("die").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AgentFailure);
    expect(failure).toMatchObject({
      again: true,
      message:
        "The agent's process ended in the middle of its turn (exit code 7): I had the key [hidden] and lost it",
    });
    expect(states()).toEqual(["p1 up", "p1 down"]);
    expect(told[1]).toMatchObject({ reason: "exit code 7" });
  });

  test("that closes the line and lives on is ended", async () => {
    const { turn, states } = await manage();
    await expect(turn("hang up")).rejects.toMatchObject({ message: expect.stringContaining("SIGKILL") });
    expect(states()).toEqual(["p1 up", "p1 down"]);
  });

  test("that died is replaced in the next turn", async () => {
    const { turn, echo } = await manage();
    await turn("die").catch(() => {});
    expect((await echo({ runId: "r2", history })).blocks).toHaveLength(2);
  });

  test("ends its turn when it is cancelled, and can be asked again", async () => {
    const { turn, heard } = await manage();
    const cancel = new AbortController();
    const ended = turn("obedient", {}, cancel.signal);
    await until(() => heard() === "I listen");
    cancel.abort(new RunEnded("cancelled"));
    expect((await ended).verdict).toEqual({ verdict: "cancelled" });
    expect((await turn("refuse", { runId: "r2" })).text).toBe("I would rather not");
  });

  test("that does not listen to a cancel is killed", async () => {
    const { turn, agents, heard } = await manage();
    const cancel = new AbortController();
    const ended = turn("deaf", {}, cancel.signal).catch((error: unknown) => error);
    await until(() => heard() === "I do not listen");
    cancel.abort(new RunEnded("cancelled"));
    expect(await ended).toMatchObject({ message: expect.stringContaining("killed by SIGKILL") });
    expect(agents.isPresent("mayor")).toBe(false);
  });

  test("that does not listen to SIGTERM is killed", async () => {
    const { echo, agents } = await manage({ AGENT_FIXTURE: "stubborn" });
    const { pid } = await echo();
    await agents.end("mayor", "another process");
    expect(isRunning(pid)).toBe(true);
    await agents.end("mayor", "p1");
    await until(() => !isRunning(pid));
  });

  test("says itself how its turn ended", async () => {
    const { turn } = await manage();
    expect((await turn("refuse")).verdict).toEqual({
      verdict: "failed",
      reason: "I would rather not",
      again: true,
    });
    expect((await turn("full")).verdict).toMatchObject({ verdict: "failed", again: true });
    await expect(turn("anything else")).rejects.toMatchObject({
      message: "The agent answered with an error: Internal error (the model hung up)",
      again: true,
    });
  });

  test("that can't be started, or wants a login, is not tried again", async () => {
    const { turn } = await manage({ AGENT_FIXTURE: "no-session" });
    await expect(turn("echo")).rejects.toMatchObject({
      message: "The agent answered with an error: Authentication required",
      again: false,
    });
    const runtime = { kind: "command", command: ["no-such-agent"], model: null } as const;
    await expect(
      turn("echo", { runtime: { ...runtime, command: [...runtime.command] } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("ENOENT"),
      again: false,
    });
  });
});
