import { readConfig } from "../../src/config.ts";
import type { RunOrder } from "../../src/protocol/container/order.ts";
import type { TownDown, TownEvent } from "../../src/protocol/container/town-up.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import type { AgentWord } from "../../src/rooms/agent.ts";
import type { ContainerTruth } from "../../src/rooms/container.ts";
import type { TownCharter } from "../../src/rooms/town.ts";
import type { TownPorts } from "../../src/town/ports.ts";
import { createTown } from "../../src/town/create.ts";
import { Town } from "../../src/town/town.ts";
import { openStorage } from "../support/sqlite.ts";

export const COMMIT = "a".repeat(40);
export const BASE = "b".repeat(40);
export const MERGE = "c".repeat(40);
const DIFF = { text: "", truncated: false, files: 1, insertions: 1, deletions: 0 };

export const CHARTER: TownCharter = {
  id: "charter",
  issuedAt: 0,
  expiresAt: 1e15,
  town: "taaaaaaaaaaaaaaaaaaaa",
  owner: "owner",
  name: "Test",
};

/**
 * A town's domain with a container that is played: orders are recorded, and the test says what the
 * container reports. Time stands still until `pass` moves it and rings the alarm where it is due.
 */
export const openWorld = (env: Parameters<typeof readConfig>[0] = {}) => {
  const storage = openStorage();
  const config = readConfig(env);
  let now = 1_000_000;
  let alarm: number | null = null;
  let ids = 0;
  let background: Promise<void>[] = [];
  let events = 0;
  const orders: { life: number; order: RunOrder }[] = [];
  const calls: string[] = [];
  const words: { agent: string; word: AgentWord }[] = [];
  const sent: TownDown[] = [];
  const played = {
    /** The life that really runs, or `null`. */
    running: null as number | null,
    pingAt: null as number | null,
    /** Thrown by every order while it is set. */
    refuse: null as string | null,
    /** Whether SIGTERM is obeyed. */
    obedient: true,
    viewers: [] as string[],
    /** Whether a page is open. */
    watched: true,
    /** What agents' rooms say was said before. */
    history: [] as { from: "user" | "agent"; text: string }[],
  };
  /** The agents for whose processes tokens were minted, in order. */
  const minted: string[] = [];
  let rings = 0;
  let armed = 0;
  const truth = (): ContainerTruth =>
    played.running === null ? { running: false, exitCode: 0, reason: "exit 0" } : { running: true };
  const ports: TownPorts = {
    sql: storage.sql,
    kv: storage.kv,
    transaction: storage.transaction,
    now: () => now,
    newId: () => `id${++ids}`,
    charter: CHARTER,
    config,
    defaultModel: null,
    localPaths: true,
    container: {
      order: async (life, order) => {
        calls.push(`order ${order.kind}`);
        if (played.refuse !== null) throw new Error(played.refuse);
        played.running = life;
        orders.push({ life, order });
        return { taken: true };
      },
      cancel: async (_life, run) => void calls.push(`cancel ${run}`),
      stop: async () => {
        calls.push("stop");
        if (played.obedient) played.running = null;
        return truth();
      },
      kill: async () => {
        calls.push("kill");
        played.running = null;
        return { running: false, exitCode: 137, reason: "killed" };
      },
    },
    agents: {
      found: async () => ({ ok: true, value: null }),
      tell: async (agent, word) => {
        words.push({ agent, word });
        return { ok: true, value: null };
      },
      destroy: async (agent) => {
        calls.push(`destroy ${agent}`);
        return true;
      },
      history: async () => ({ ok: true, value: played.history }),
    },
    owner: { tell: async () => ({ ok: true, value: null }) },
    link: {
      lastPingAt: () => played.pingAt,
      send: (text) => void sent.push(JSON.parse(text) as TownDown),
      close: () => undefined,
    },
    mintToken: async (agent) => {
      minted.push(agent);
      return `token-of-${agent}`;
    },
    arm: (at) => {
      armed += 1;
      alarm = at;
    },
    background: (work) => void background.push(work),
    viewers: { any: () => played.watched, send: (text) => void played.viewers.push(text) },
  };
  createTown(ports);
  let town = new Town(ports);
  const settled = async (): Promise<void> => {
    while (background.length > 0) {
      const waiting = background;
      background = [];
      await Promise.all(waiting);
    }
  };
  /** Rings the alarm as often as it is due. */
  const ring = async (): Promise<void> => {
    await settled();
    for (let times = 0; alarm !== null && alarm <= now; times += 1) {
      if (times > 100) throw new Error("the alarm rings in a circle");
      alarm = null;
      rings += 1;
      await town.onAlarm();
      await settled();
    }
  };
  return {
    storage,
    /** What the town calls; a test may put something else in a port's place. */
    ports,
    config,
    orders,
    calls,
    words,
    sent,
    played,
    get town() {
      return town;
    },
    get now() {
      return now;
    },
    get alarm() {
      return alarm;
    },
    /** How often the alarm rang. */
    get rings() {
      return rings;
    },
    /** How often it was set or deleted. */
    get armed() {
      return armed;
    },
    minted,
    settled,
    ring,
    /** A new instance on the same storage: what was only in memory is lost. */
    evict: () => {
      town = new Town(ports);
    },
    /** Lets time pass, ringing the alarm on its way. */
    pass: async (ms: number): Promise<void> => {
      const end = now + ms;
      while (alarm !== null && alarm <= end) {
        now = Math.max(now, alarm);
        await ring();
      }
      now = end;
    },
    /** The machine sleeps for so long: whatever was due meanwhile is looked at when it wakes. */
    sleep: async (ms: number): Promise<void> => {
      now += ms;
      await ring();
    },
    hello: async (
      boot = "boot",
      runs: { runId: string; fence: number }[] = [],
      version = PROTOCOL_VERSION,
    ): Promise<void> => {
      town.linkFrame(
        JSON.stringify({
          type: "hello",
          version,
          boot,
          life: played.running ?? 0,
          runs,
        }),
      );
      // Events are numbered anew per boot, behind what the town has.
      const welcome = sent.findLast((frame) => frame.type === "welcome");
      events = welcome?.after ?? events;
      await ring();
    },
    event: async (event: TownEvent, boot = "boot"): Promise<void> => {
      events += 1;
      town.linkFrame(JSON.stringify({ type: "event", boot, n: events, event }));
      await ring();
    },
    /** The last order of a kind that was handed over. */
    order: <K extends RunOrder["kind"]>(kind: K): Extract<RunOrder, { kind: K }> => {
      const found = orders.findLast(({ order }) => order.kind === kind);
      if (found === undefined) throw new Error(`no ${kind} was ordered`);
      return found.order as Extract<RunOrder, { kind: K }>;
    },
    done: (
      order: Extract<RunOrder, { kind: "turn" }>,
      own: { readonly target?: string } = {},
    ): TownEvent => ({
      type: "turned",
      runId: order.runId,
      fence: order.fence,
      agent: order.agent,
      result: { outcome: "done", commit: COMMIT, base: BASE, diff: DIFF, summary: "", ...own },
    }),
  };
};

export type World = ReturnType<typeof openWorld>;

/** A town with a rig that is ready. */
export const withRig = async (world: World, own: { readonly branch?: string } = {}): Promise<World> => {
  world.town.addRig({ name: "repo", gitUrl: "/srv/repo", gates: [], ...own });
  await world.settled();
  await world.hello();
  const { runId, fence } = world.order("check");
  await world.event({
    type: "checked",
    runId,
    fence,
    rig: "repo",
    result: { outcome: "ready", branch: "main", head: BASE },
  });
  return world;
};
