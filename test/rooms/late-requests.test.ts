import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, receiptOf } from "./ask.ts";
import { busyTown, gone, TOMBSTONE } from "./busy-town.ts";
import { ring, takeClock } from "./clock.ts";
import type { Late } from "./late/late.ts";
import { remember, type Remembered } from "./late/remembered.ts";
import { lateRequests } from "./late/requests.ts";
import { CALLED } from "./late/rpc.ts";
import { room } from "./rooms.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Agent, Town, TownContainer } from "./worker.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const COUNT = 1000;
/** Requests on their way at once. */
const TOGETHER = 25;

/** All that is stored of a town anywhere, to the byte. */
const everything = async ({ town, agents }: Remembered) => ({
  town: await stored(room.town(town)),
  agents: await Promise.all(agents.map((name) => stored(room.agent(town, name)))),
  bytes: await Promise.all(
    [room.town(town), ...agents.map((name) => room.agent(town, name))].map(
      async (stub) => (await stub.probe()).bytes,
    ),
  ),
  container: await stored(room.container(town)),
  owner: await stored(room.user("owner")),
  ledger: await env.LEDGER.prepare("SELECT * FROM towns WHERE id = ?").bind(town).first(),
});

/** All that a container's object could be asked for, to look at later whether it was. */
const spyOnContainers = () =>
  (["order", "cancelRun", "halt", "kill", "purge"] as const).map((method) =>
    vi.spyOn(TownContainer.prototype, method),
  );

/** Sends them all, `TOGETHER` at once, and says which got something else than they should. */
const sendAll = async (requests: readonly Late[]): Promise<string[]> => {
  const wrong: string[] = [];
  for (let from = 0; from < requests.length; from += TOGETHER) {
    await Promise.all(
      requests.slice(from, from + TOGETHER).map(async ({ kind, what, wanted, send }) => {
        const got = await send().catch((error: Error) => `threw ${error.message}`);
        if (got !== wanted) wrong.push(`${kind}, ${what}: ${String(got)} instead of ${String(wanted)}`);
      }),
    );
  }
  return wrong;
};

/** What asks the town itself, and isn't there to drive its end; with what a closing town answers. */
const toTheDying = (remembered: Remembered): Late[] => {
  const drives = /DELETE|destroy|close_?town|noteReceipt|alarm$/i;
  const agents = /^(mayor|polecat-\d+)[.:]|agent.* the container's token|to the mayor$/;
  const others = new Map<string, Late["wanted"]>([
    [`GET /api/towns/${remembered.town}`, 200],
    ["Town.probe", "dying"],
    ["Town.charter", "some"],
  ]);
  return lateRequests(remembered)
    .filter(({ kind, what }) => kind !== "alarm" && !drives.test(what) && !agents.test(what))
    .map((late) => ({ ...late, wanted: others.get(late.what) ?? late.wanted }));
};

describe("requests that come after a town's end", () => {
  it("R3, R6, R15: a thousand of every kind, in any order, change not one byte, arm no alarm, and ask nothing of the container", async () => {
    const { town } = await busyTown();
    await call("PATCH", `/api/towns/${town}`, { model: { baseUrl: "http://127.0.0.1:9/v1", model: "m" } });
    const remembered = await remember(town);
    expect(remembered.turns.length).toBeGreaterThanOrEqual(4);
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    await soon(async () => expect((await room.user("owner").probe()).alarm).toBeNull());

    const before = await everything(remembered);
    expect(before.container).toEqual({ keys: [], tables: {}, alarm: null });
    expect(before.ledger).toMatchObject({ state: "gone" });
    const asked = spyOnContainers();
    const outside = vi.spyOn(globalThis, "fetch");
    const kinds = lateRequests(remembered);
    const more = fc.sample(fc.nat(kinds.length - 1), { numRuns: COUNT - kinds.length, seed: 1182 });
    const requests = [...kinds, ...more.map((n) => kinds[n] as Late)];
    expect(requests).toHaveLength(COUNT);

    expect(await sendAll(requests)).toEqual([]);

    expect(await everything(remembered)).toEqual(before);
    for (const method of [...asked, outside]) expect(method).not.toHaveBeenCalled();
    for (const stub of [room.town(town), ...remembered.agents.map((name) => room.agent(town, name))])
      expect(await stub.probe()).toMatchObject(TOMBSTONE);
  });

  it("R6: to a town that is still dying change nothing either, and wake none of its agents", async () => {
    vi.spyOn(Agent.prototype, "destroy").mockRejectedValue(new Error("not yet"));
    const { town } = await busyTown();
    const remembered = await remember(town);
    takeClock();
    await call("DELETE", `/api/towns/${town}`);
    await soon(async () =>
      expect((await receiptOf(town)).finalizers).toContainEqual(
        expect.objectContaining({ name: "children", state: "due", reason: "not yet" }),
      ),
    );
    const before = { town: await stored(room.town(town)), container: await stored(room.container(town)) };
    const asked = spyOnContainers();
    const woken = (["fetch", "say", "transcript", "told", "history", "found"] as const).map((method) =>
      vi.spyOn(Agent.prototype, method),
    );

    expect(await sendAll(toTheDying(remembered))).toEqual([]);

    expect(await stored(room.town(town))).toEqual(before.town);
    for (const method of [...woken, ...asked]) expect(method).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(await stored(room.container(town))).toEqual(before.container);
    await ring(room.town(town));
    await ring(room.user("owner"));
    await gone(town);
  });

  it("cover every method that a room can be called by", () => {
    // The runtime's and PartyServer's own entries, which the gate stands before, and hooks behind it.
    const entries = /^(constructor|fetch|alarm|webSocket.*|on[A-Z].*|getConnectionTags|vital)$/;
    // Its own, those that every room has, and those for sockets: what comes after is PartyServer's.
    const methods = [Town, Agent].flatMap(({ prototype: own }) => {
      const shared = Object.getPrototypeOf(own) as object;
      return [own, shared, Object.getPrototypeOf(shared) as object].flatMap(Object.getOwnPropertyNames);
    });
    const inner = [
      "alive",
      "living",
      "migrations",
      "finalize",
      "describeEnd",
      "lastWords",
      "answer",
      "arm",
      "wake",
    ];
    const helpers = ["closeSockets", "peerOf", "sendTo", "greet", "afterOf", "hasPeers"];
    const left = new Set(methods.filter((name) => !entries.test(name) && !CALLED.has(name)));
    expect([...left].toSorted()).toEqual([...inner, ...helpers].toSorted());
  });
});
