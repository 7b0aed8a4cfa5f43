import { describe, expect, test } from "vitest";
import type { World } from "../town/world.ts";
import { answer, DAY_MS, MINUTE_MS, say, sleepingTown, warmTown } from "./scenes.ts";

/*
 * Who is out of reach for ever must not wake a town for ever: tries become rarer, and say so. Who comes back is
 * told after no longer than it was away.
 */

const SETTINGS = { CURFEW_SLEEP_AFTER: "30m", CURFEW_STOP_DEADLINE: "20s" };

const outOfReach = (): Promise<never> => Promise.reject(new Error("out of reach"));

/** Puts something else in the place of a port's methods. @returns puts back what was there */
const replace = <K extends "container" | "agents" | "owner">(
  { ports }: World,
  port: K,
  methods: Partial<World["ports"][K]>,
): (() => void) => {
  const before = { ...ports[port] };
  Object.assign(ports[port], methods);
  return () => void Object.assign(ports[port], before);
};

const ringsDuring = async (world: World, ms: number): Promise<number> => {
  const { rings } = world;
  await world.pass(ms);
  return world.rings - rings;
};

describe("a container whose object is out of reach when it should end", () => {
  const stuck = async (): Promise<{ world: World; back: () => void }> => {
    const world = await warmTown(SETTINGS);
    const back = replace(world, "container", { stop: outOfReach, kill: outOfReach });
    await world.pass(31 * MINUTE_MS);
    return { world, back };
  };

  test("C7: is killed again ever more seldom, five minutes apart in the end", async () => {
    const { world } = await stuck();
    expect(await ringsDuring(world, DAY_MS)).toBeLessThanOrEqual((24 * 60) / 5 + 5);
    expect(world.town.describe().wake?.why).toBe("a container that is stopping is killed");
  });

  test("is said to be, and said once: the diary keeps what happened before", async () => {
    const { world } = await stuck();
    const lines = world.town.activity().items.length;
    await world.pass(DAY_MS);
    expect(world.town.activity().items).toHaveLength(lines);
    expect(world.town.describe().container).toMatchObject({
      state: "stopping",
      why: "It should have ended, and could not be reached or killed so far. It is tried again.",
    });
  });

  test("sleeps once it can be reached, for the reason for which it was stopped", async () => {
    const { world, back } = await stuck();
    await world.pass(DAY_MS);
    back();
    await world.pass(5 * MINUTE_MS);
    expect(world.town.describe()).toMatchObject({
      wake: null,
      container: { state: "asleep", why: "Nothing was left to do.", lastExit: { code: 137 } },
    });
    await say(world);
    await answer(world);
    expect(world.town.describe().container).toMatchObject({ state: "awake", life: 2 });
  });
});

describe("a peer that is never reached", () => {
  test("wakes an idle town once a day in the end: its owner's list", async () => {
    const world = await sleepingTown(SETTINGS);
    replace(world, "owner", { tell: outOfReach });
    world.town.configure({ name: "Elm" });
    await world.pass(2 * DAY_MS);
    expect(await ringsDuring(world, 30 * DAY_MS)).toBeLessThanOrEqual(30);
    expect(world.town.describe().wake?.why).toBe("a peer must be told");
  });

  test("wakes an idle town once a day in the end: an agent's room", async () => {
    const world = await warmTown(SETTINGS);
    await say(world);
    replace(world, "agents", { tell: outOfReach });
    await answer(world);
    await world.pass(2 * DAY_MS);
    expect(await ringsDuring(world, 30 * DAY_MS)).toBeLessThanOrEqual(30);
  });

  test("C11: an agent's room that takes a word is told at once what it missed before", async () => {
    const world = await warmTown(SETTINGS);
    await say(world);
    const back = replace(world, "agents", { tell: outOfReach });
    await answer(world);
    await world.pass(2 * DAY_MS);
    back();
    const missed = world.words.length;
    await say(world);
    await world.hello();
    await answer(world);
    const told = world.words.slice(missed).map(({ word: { kind, fence } }) => `${kind} ${fence}`);
    expect(told).toEqual(["begin 4", "end 4", "end 3"]);
    expect(world.town.describe().wake?.why).toBe("the container goes to sleep");
  });

  test("C11: is told after no longer than it was away, and at once when there is something new", async () => {
    const world = await sleepingTown(SETTINGS);
    const told: string[] = [];
    const back = replace(world, "owner", { tell: outOfReach });
    world.town.configure({ name: "Elm" });
    await world.pass(10 * MINUTE_MS);
    back();
    replace(world, "owner", {
      tell: async ({ name }) => {
        told.push(name);
        return { ok: true, value: null };
      },
    });
    await world.pass(10 * MINUTE_MS);
    expect(told).toEqual(["Elm"]);
    world.town.configure({ name: "Ash" });
    await world.settled();
    expect(told).toEqual(["Elm", "Ash"]);
    expect(world.town.describe().wake).toBeNull();
  });
});
