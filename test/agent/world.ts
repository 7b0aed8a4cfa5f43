import { Agent, type AgentPorts } from "../../src/agent/agent.ts";
import type { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { AgentDown, AgentEvent } from "../../src/protocol/container/agent-up.ts";
import type { Answer } from "../../src/protocol/problem.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import type { Handover } from "../../src/rooms/town.ts";
import { openStorage } from "../support/sqlite.ts";

export interface Told {
  readonly n: number;
  readonly event: AgentEvent;
  readonly fence?: number;
  readonly boot?: string;
}

/** An agent's domain with a town and a container that are played. Time stands still until it is moved. */
export const openWorld = () => {
  const storage = openStorage();
  const time = { now: 1_000_000 };
  let alarm: number | null = null;
  let background: Promise<void>[] = [];
  const played = {
    /** What the town took, in order, every time that it was handed over. */
    taken: [] as Handover[],
    take: (message: Handover): Promise<Answer<null>> => {
      played.taken.push(message);
      return Promise.resolve({ ok: true, value: null });
    },
    /** What pages were sent. */
    frames: [] as AgentFrame[],
  };
  const ports: AgentPorts = {
    sql: storage.sql,
    kv: storage.kv,
    agent: "mayor",
    transaction: storage.transaction,
    now: () => time.now,
    arm: (at) => {
      alarm = at;
    },
    background: (work) => void background.push(work),
    town: { take: (message) => played.take(message) },
    viewers: { any: () => true, send: (text) => void played.frames.push(JSON.parse(text) as AgentFrame) },
  };
  Agent.create(ports);
  let agent = new Agent(ports);
  return {
    storage,
    time,
    played,
    get agent() {
      return agent;
    },
    get alarm() {
      return alarm;
    },
    settled: async (): Promise<void> => {
      while (background.length > 0) await Promise.allSettled(background.splice(0));
    },
    /** A new instance on the same storage: what was only in memory is lost. */
    evict: () => {
      background = [];
      agent = new Agent(ports);
    },
    /** Rings the alarm at its time. */
    ring: async (): Promise<void> => {
      if (alarm === null) throw new Error("no alarm is set");
      time.now = Math.max(time.now, alarm);
      alarm = null;
      await agent.onAlarm();
    },
    begin: (fence: number) => agent.told({ kind: "begin", run: `r${fence}`, fence, message: null }),
    end: (fence: number, state: "done" | "queued" = "done") =>
      agent.told({ kind: "end", run: `r${fence}`, fence, message: null, state, notice: null }),
    hello: (boot = "boot", life = 1): AgentDown | CloseCode =>
      agent.linkFrame(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, boot, life }), life),
    tell: ({ n, event, fence = 1, boot = "boot" }: Told): AgentDown | CloseCode =>
      agent.linkFrame(JSON.stringify({ type: "event", boot, n, runId: `r${fence}`, fence, event }), 1),
  };
};

export type World = ReturnType<typeof openWorld>;
