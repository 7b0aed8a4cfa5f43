import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { call, foundTown, receiptOf } from "./ask.ts";
import { busyTown, gone, TOMBSTONE } from "./busy-town.ts";
import { ring, ringUntil, takeClock } from "./clock.ts";
import { room } from "./rooms.ts";
import { idleTown, killAfterWipe } from "./scenes.ts";
import { Agent } from "./worker.ts";
import { soon } from "./soon.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const step = (receipt: Receipt, name: string) => receipt.finalizers.find((one) => one.name === name);

/** Waits until the owner's receipt says of a step what is wanted. */
const said = (town: string, name: string, wanted: object) =>
  soon(async () => expect(step(await receiptOf(town), name)).toMatchObject(wanted));

/** No agent's room can be ended until it is lifted. */
const agentsWontEnd = () =>
  vi.spyOn(Agent.prototype, "destroy").mockRejectedValue(new Error("the agent's room is overloaded"));

/** Every deadline is a hundredth of what it is: half a minute is too long for a test. */
const shortDeadlines = () => {
  const { setTimeout } = globalThis;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms = 0) =>
    setTimeout(work, ms / 100)) as typeof setTimeout);
};

describe("an end that meets a fault", () => {
  it("R10, R11: stays closing while an agent's room fails, says why, and ends when it doesn't", async () => {
    const fault = agentsWontEnd();
    const { town, agents } = await busyTown();
    takeClock();
    await call("DELETE", `/api/towns/${town}`);

    await said(town, "children", { state: "due", reason: "the agent's room is overloaded" });
    const receipt = await receiptOf(town);
    expect(receipt).toMatchObject({ state: "closing", endedAt: null });
    expect(step(receipt, "children")?.attempts).toBeGreaterThanOrEqual(1);
    expect(step(receipt, "sockets")).toMatchObject({ state: "done" });
    expect(step(receipt, "container")).toMatchObject({ state: "done", detail: "killed" });
    expect(step(receipt, "self")).toMatchObject({ state: "due", attempts: 0 });
    expect((await call<object>("GET", `/api/towns/${town}`)).body).toMatchObject({
      state: "closing",
      container: { why: "Closing; waits for children: the agent's room is overloaded" },
    });
    expect(await room.town(town).probe()).toMatchObject({
      vital: "dying",
      wake: { at: expect.any(Number), why: "it is being ended" },
    });

    fault.mockRestore();
    await ring(room.town(town));
    await ring(room.user("owner"));
    expect(await gone(town)).toMatchObject({ state: "gone", agents: 4 });
    for (const agent of agents) expect(await room.agent(town, agent).probe()).toMatchObject(TOMBSTONE);
  });

  it("R9, R12: goes on by its alarm in a new instance, and does nothing twice that it has struck off", async () => {
    const fault = agentsWontEnd();
    const { town } = await busyTown();
    takeClock();
    await call("DELETE", `/api/towns/${town}`);
    await said(town, "children", { state: "due", reason: "the agent's room is overloaded" });
    const before = step(await receiptOf(town), "container");

    await evictDurableObject(room.town(town));
    await evictDurableObject(room.user("owner"));
    fault.mockRestore();
    await ring(room.town(town));

    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    await ring(room.user("owner"));
    const receipt = await gone(town);
    expect(step(receipt, "container")).toEqual(before);
    expect(step(receipt, "children")).toMatchObject({ state: "done", detail: "4 agents" });
  });

  it.for([
    [
      "fail",
      "the agent's room is overloaded",
      () => Promise.reject(new Error("the agent's room is overloaded")),
    ],
    ["never answer", "took longer than", () => new Promise<never>(() => {})],
  ] as const)("R11, R16: agents' rooms that %s hold up no other agent's end", async ([, why, fault]) => {
    const town = await idleTown();
    const polecats = Array.from({ length: 60 }, (_, n) => `polecat-${n + 1}`);
    await runInDurableObject(room.town(town), (_town, { storage }) => {
      for (const name of polecats)
        storage.sql.exec(
          `INSERT INTO agents (name, role, charter, status, since, seq) SELECT ?, role, charter, status, since, seq
           FROM agents WHERE name = 'mayor'`,
          name,
        );
    });
    const { destroy } = Agent.prototype;
    const stuck = (name: string) => /-[1-4]\d$/.test(name);
    const spy = vi.spyOn(Agent.prototype, "destroy").mockImplementation(function (this: Agent, order) {
      return stuck(this.name) ? fault() : destroy.call(this, order);
    });
    takeClock();
    shortDeadlines();
    await call("DELETE", `/api/towns/${town}`);
    // On a busy machine the owner, whose deadlines are short as well, may have to ask once more.
    const waits = { state: "due", reason: expect.stringContaining(why) };
    await ringUntil(room.user("owner"), async () =>
      expect(step(await receiptOf(town), "children")).toMatchObject(waits),
    );
    await soon(async () => {
      for (const name of polecats)
        expect([name, (await room.agent(town, name).probe()).vital]).toEqual([
          name,
          stuck(name) ? "unborn" : "dead",
        ]);
    });

    spy.mockRestore();
    await ringUntil(room.town(town), async () =>
      expect(await room.town(town).probe()).toMatchObject(TOMBSTONE),
    );
    await ring(room.user("owner"));
    expect(await gone(town)).toMatchObject({ agents: 61 });
  });

  it("R10, R11: a SIGKILL that is never answered fails at its deadline and holds up only `self`", async () => {
    const { town } = await busyTown();
    takeClock();
    shortDeadlines();
    await runInDurableObject(room.container(town), ({ faults }) => void faults.add("kill"));
    await call("DELETE", `/api/towns/${town}`);

    await said(town, "container", { state: "due", reason: expect.stringContaining("took longer than") });
    await said(town, "children", { state: "done", detail: "4 agents" });
    await said(town, "self", { state: "due", attempts: 0 });

    await runInDurableObject(room.container(town), ({ faults }) => faults.clear());
    await ring(room.town(town));
    await ring(room.user("owner"));
    expect(await gone(town)).toMatchObject({ containerExit: "killed" });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  });

  it("R8: goes on by an alarm, though the alarm's handler met a fault that no step is to blame for", async () => {
    const fault = agentsWontEnd();
    const town = await idleTown();
    takeClock();
    await call("DELETE", `/api/towns/${town}`);
    await said(town, "children", { state: "due", reason: "the agent's room is overloaded" });
    fault.mockRestore();
    vi.spyOn(console, "error").mockImplementation(() => {});
    await runInDurableObject(room.town(town), (_town, { storage }) => {
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = () => {
        storage.setAlarm = setAlarm;
        throw new Error("no alarm");
      };
    });
    await ring(room.town(town));
    expect(await room.town(town).probe()).toMatchObject({ vital: "dying", alarm: expect.any(Number) });
    await ring(room.town(town));
    await ring(room.user("owner"));
    await gone(town);
  });

  it("ends, though it pushed more branches than any receipt can hold", async () => {
    const town = await idleTown();
    await runInDurableObject(room.town(town), (_town, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
         INSERT INTO branches (rig, branch) SELECT 'repo', 'curfew/' || ? || '/b' || i FROM n`,
        town,
      );
    });
    takeClock();
    await call("DELETE", `/api/towns/${town}`);
    const receipt = await gone(town);
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(receipt.branches).toHaveLength(5000);
  });

  it("R14: killed between wiping and its tombstone, it can't come back, and the owner's receipt stays the full one", async () => {
    const town = await foundTown();
    takeClock();
    await killAfterWipe(town);
    await call("DELETE", `/api/towns/${town}`);
    await soon(async () => expect(await room.town(town).probe()).toMatchObject({ vital: "unborn" }));

    await ring(room.user("owner"));
    const receipt = await gone(town);
    expect(receipt).toMatchObject({ agents: 1, cause: "closed by its owner" });
    expect(receipt.finalizers.map(({ name, state }) => [name, state])).toEqual([
      ["sockets", "done"],
      ["container", "done"],
      ["children", "done"],
      ["self", "done"],
    ]);
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  });
});
