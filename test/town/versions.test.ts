import { expect, test, vi } from "vitest";
import type { ContainerRecord } from "../../src/town/container/record.ts";
import { COMMIT, openWorld, withRig, type World } from "./world.ts";

/*
 * A Worker of version 7, which speaks with containers of version 5 and later, above control servers that were
 * started by others.
 */
vi.mock(import("../../src/protocol/version.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    PROTOCOL_VERSION: 7 as number as typeof real.PROTOCOL_VERSION,
    isSpoken: (peer, version) => real.isSpoken(peer, version, { oldest: 5, present: 7 }),
  };
});

const containerOf = ({ storage }: World): ContainerRecord =>
  storage.kv.get<ContainerRecord>("container") as ContainerRecord;

/** A town whose container was started, and given a bead to work on, by a Worker of an older version. */
const upgraded = async (version: number) => {
  const world = await withRig(openWorld());
  world.town.sling({ rig: "repo", title: "Say hello", body: "" });
  await world.ring();
  const turn = world.order("turn");
  world.storage.kv.put("container", { ...containerOf(world), version });
  world.evict();
  const { runId, fence } = turn;
  return { world, turn, runs: [{ runId, fence }], before: world.orders.length };
};

test.each([6, 5])(
  "C13: a container of version %i ends its runs and gets no others; those wait for the next one",
  async (version) => {
    const { world, turn, runs, before } = await upgraded(version);
    // Whether it has said so yet or not: the Worker that started it was of that version.
    world.town.sling({ rig: "repo", title: "Later", body: "" });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
    await world.ring();
    expect(world.orders).toHaveLength(before);
    await world.hello("boot", runs, version);
    await world.pass(1000);
    expect(world.orders).toHaveLength(before);
    expect(world.calls).not.toContain("stop");
    expect(world.town.describe().container).toMatchObject({
      state: "awake",
      why: "Awake to end what it does; then one of this version takes its place.",
    });

    await world.event(world.done(turn));
    expect(world.calls.filter((call) => call === "stop" || call === "kill")).toEqual(["stop"]);
    expect(world.town.bead("b1")).toMatchObject({ commit: COMMIT, attempts: 0 });
    expect(world.orders.slice(before).map(({ life, order }) => [life, order.kind])).toEqual([
      [2, "turn"],
      [2, "merge"],
      [2, "turn"],
    ]);
    expect(containerOf(world)).toMatchObject({ life: 2, version: 7 });
    expect(world.storage.sql.all("SELECT losses FROM beads")).toEqual([{ losses: 0 }, { losses: 0 }]);
  },
);

test("C13: an older container that is idle is stopped when it says hello, and sleeps until there is work", async () => {
  const world = await withRig(openWorld());
  const before = world.orders.length;
  await world.hello("boot", [], 6);
  expect(world.calls.at(-1)).toBe("stop");
  expect(world.town.describe().container).toMatchObject({
    state: "asleep",
    why: "It is of an older version of Curfew; the next run starts a new one.",
  });
  expect(world.alarm).toBeNull();
  expect(world.orders).toHaveLength(before);
});

test("C13: one that can't be stopped is killed, and what waited begins then", async () => {
  const { world, turn, runs, before } = await upgraded(6);
  world.town.sling({ rig: "repo", title: "Later", body: "" });
  await world.hello("boot", runs, 6);
  world.played.obedient = false;
  await world.event(world.done(turn));
  expect(world.town.describe().container.state).toBe("stopping");
  expect(world.orders).toHaveLength(before);
  await world.pass(world.config.stopDeadlineMs);
  expect(world.calls).toContain("kill");
  expect(world.orders.slice(before).every(({ life }) => life === 2)).toBe(true);
  expect(world.orders.length).toBeGreaterThan(before);
});

test.each([4, 8])(
  "C13: one of version %i is not spoken with: its runs go back as losses at once, and begin anew in the next",
  async (version) => {
    const { world, runs, before } = await upgraded(4);
    await world.hello("boot", runs, version);
    expect(world.town.describe().container).toMatchObject({
      state: "stopping",
      why: `The container speaks version ${version} of the protocol, which this Curfew doesn't.`,
    });
    expect(world.storage.sql.all("SELECT losses, attempts FROM beads")).toEqual([{ losses: 1, attempts: 0 }]);
    // It has a while to save what it has, and is then killed, should it still run.
    expect(world.calls).not.toContain("kill");
    await world.pass(60_000);
    expect(world.calls).toContain("kill");
    expect(world.orders.slice(before)).toMatchObject([{ life: 2, order: { kind: "turn" } }]);
    expect(world.town.bead("b1")).toMatchObject({ status: "in_progress" });
  },
);
