import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { identifyRequest } from "../../src/auth/bearer.ts";
import { mint } from "../../src/auth/token.ts";
import type { Rooms } from "../../src/rooms/rooms.ts";
import { createMcp } from "../../src/mcp/app.ts";
import { createModelApp } from "../../src/model/app.ts";
import { type Answer, Refusal } from "../../src/protocol/problem.ts";
import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { TownRpc } from "../../src/rooms/town.ts";
import type { World } from "../town/world.ts";
import { answer, callsDuring, DAY_MS, HOUR_MS, MINUTE_MS, say, sleepingTown, warmTown } from "./scenes.ts";

/*
 * A token names a process and has no expiry; the Worker asks the Town at each use whether that process has
 * a live run. So nothing has to be kept fresh, and nothing wakes for a token. Here the tools and the model
 * proxy are the real ones, over the domain of a town.
 */

const ENV = { CURFEW_TOKEN: "the-owner's-token", CURFEW_SECRET: "the secret" };
const TOWN = "taaaaaaaaaaaaaaaaaaaa";
const MODEL = { baseUrl: "https://models.example/v1", model: "m", key: "k" };
const SETTINGS = { CURFEW_SLEEP_AFTER: "30m", CURFEW_RUN_MAX: "100h", CURFEW_LIFE_MAX: "200h" };

afterEach(() => {
  vi.useRealTimers();
});

/** A town's domain as the Worker calls it: what is thrown there is a problem here. */
const rpcOf = (world: World): TownRpc =>
  new Proxy({} as TownRpc, {
    get:
      (_rpc, name: keyof TownRpc & keyof World["town"]) =>
      async (...args: never[]): Promise<Answer<unknown>> => {
        const { town } = world;
        try {
          return { ok: true, value: (town[name] as (...args: never[]) => unknown).apply(town, args) };
        } catch (error) {
          if (error instanceof Refusal) return { ok: false, problem: error.problem };
          throw error;
        }
      },
  });

/** What the process of a turn can do with its token, as often as it likes. */
const holderOf = async (world: World, order: TurnOrder) => {
  const { agent, role, process } = order;
  const token = await mint(ENV.CURFEW_SECRET, { kind: "agent", town: TOWN, agent, role, process });
  const rooms = { town: () => rpcOf(world) } as unknown as Rooms;
  const mcp = createMcp({ identify: (request) => identifyRequest(request, ENV), rooms });
  const service = async (): Promise<Response> =>
    Response.json({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
  const models = createModelApp({
    secret: ENV.CURFEW_SECRET,
    town: () => rpcOf(world),
    defaultModel: null,
    fetch: service,
  });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const statuses: number[] = [];
  return {
    /** The status of every answer to the tools' client. */
    statuses,
    /** Lists the tools and calls one, as an agent in its session does. @returns whether it was served */
    useTools: async (): Promise<boolean> => {
      const client = new Client({ name: "test", version: "1" });
      const transport = new StreamableHTTPClientTransport(new URL("http://worker/mcp"), {
        requestInit: { headers },
        fetch: async (url, init) => {
          const response = await mcp.fetch(new Request(url, init));
          statuses.push(response.status);
          return response;
        },
      });
      await client.connect(transport);
      const { tools } = await client.listTools();
      const { isError } = await client.callTool({ name: "town_status", arguments: {} });
      await client.close();
      return tools.length > 0 && isError !== true;
    },
    /** @returns the status of a model call */
    askModel: async (): Promise<number> => {
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello?" }] });
      const waited: Promise<unknown>[] = [];
      const response = await models.request(
        "http://worker/model/openai/v1/chat/completions",
        { method: "POST", headers, body },
        {},
        { waitUntil: (work) => void waited.push(work), passThroughOnException: () => {}, props: {} },
      );
      await response.text();
      await Promise.all(waited);
      return response.status;
    },
  };
};

type Holder = Awaited<ReturnType<typeof holderOf>>;

const expectServed = async ({ useTools, askModel, statuses }: Holder): Promise<void> => {
  expect(await useTools()).toBe(true);
  expect(await askModel()).toBe(200);
  expect(statuses.filter((status) => status === 401 || status === 403)).toEqual([]);
};

/** A mayor at work, whose container is heard of whenever the town looks. */
const working = async (): Promise<World> => {
  const world = await warmTown(SETTINGS);
  world.town.configure({ model: MODEL });
  world.played.pingAt = Number.MAX_SAFE_INTEGER / 2;
  await say(world);
  return world;
};

describe("a token", () => {
  test("serves its run for as long as that lasts: three days in a long-lived container", async () => {
    const world = await working();
    const holder = await holderOf(world, world.order("turn"));
    const calls = await callsDuring(world, async () => {
      for (let hours = 0; hours < 72; hours += 12) {
        await expectServed(holder);
        await world.pass(12 * HOUR_MS);
      }
    });
    expect(calls).toEqual([]);
    expect(world.minted.filter((agent) => agent === "mayor")).toHaveLength(2);
  });

  test("serves whatever instance of the room is asked: it is evicted between any two steps", async () => {
    const world = await working();
    const holder = await holderOf(world, world.order("turn"));
    for (let n = 0; n < 5; n += 1) {
      world.evict();
      expect(await holder.useTools()).toBe(true);
      world.evict();
      expect(await holder.askModel()).toBe(200);
    }
    await expectServed(holder);
  });

  test("serves the next turn of a process that waited, at the end of the warm window", async () => {
    const world = await working();
    const holder = await holderOf(world, world.order("turn"));
    await answer(world);
    await world.pass(30 * MINUTE_MS - 1);
    await say(world);
    await expectServed(holder);
  });

  test("needs no clock: ten years later its signature is good, and only its run is asked for", async () => {
    const world = await working();
    const holder = await holderOf(world, world.order("turn"));
    vi.useFakeTimers({ now: Date.now() + 10 * 365 * DAY_MS, toFake: ["Date"] });
    await expectServed(holder);
  });

  test("A3: is worth nothing after its run, nor in a container that sleeps, and wakes nothing", async () => {
    const world = await working();
    const holder = await holderOf(world, world.order("turn"));
    await answer(world);
    expect(await holder.useTools()).toBe(false);
    await world.pass(DAY_MS);
    const { rings } = world;
    const calls = await callsDuring(world, async () => {
      expect(await holder.useTools()).toBe(false);
      expect(await holder.askModel()).toBe(403);
    });
    expect(calls).toEqual([]);
    expect(world.rings).toBe(rings);
    expect(world.town.describe()).toMatchObject({ wake: null, container: { state: "asleep" } });
  });

  test("is another one in a container that is restored after a day, and serves from the first step", async () => {
    const world = await sleepingTown(SETTINGS);
    world.town.configure({ model: MODEL });
    const before = await holderOf(world, world.order("turn"));
    await world.pass(DAY_MS);
    await say(world);
    world.evict();
    await expectServed(await holderOf(world, world.order("turn")));
    expect(await before.useTools()).toBe(false);
    expect(await before.askModel()).toBe(403);
  });

  test("costs no write and no alarm where it is only looked at", async () => {
    const world = await working();
    const holder = await holderOf(world, world.order("turn"));
    const { armed } = world;
    const before = world.storage.statements.length;
    expect(await holder.useTools()).toBe(true);
    const statements = world.storage.statements.slice(before);
    expect(statements).not.toEqual([]);
    expect(statements.filter((text) => !/^\s*SELECT/.test(text))).toEqual([]);
    expect(world.armed).toBe(armed);
  });
});

describe("a container's token", () => {
  test("is good for its life, however long and after any eviction, and for no other", async () => {
    const world = await working();
    const { life } = world.town.describe().container;
    await world.pass(10 * MINUTE_MS);
    world.evict();
    expect(world.town.linkOpened(life)).toBeNull();
    await answer(world);
    await world.pass(DAY_MS);
    expect(world.town.linkOpened(life)).toMatchObject({ close: 4410 });
    await say(world);
    expect(world.town.linkOpened(life)).toMatchObject({ close: 4410 });
    expect(world.town.linkOpened(life + 1)).toBeNull();
  });
});
