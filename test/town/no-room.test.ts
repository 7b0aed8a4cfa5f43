import { beforeEach, describe, expect, test } from "vitest";
import { isNoRoom } from "../../src/town/container/no-room.ts";
import { openWorld, withRig, type World } from "./world.ts";

const NO_ROOM = {
  taken: false,
  truth: { running: false, exitCode: null, reason: "no" },
  reason: "there is none",
  why: "no-room",
} as const;

let world: World;
/** How often a container was asked for while there was none. */
let asked = 0;
let isFull = true;

beforeEach(async () => {
  world = await withRig(openWorld());
  await world.pass(3_600_000);
  expect(world.town.describe().container.state).toBe("asleep");
  asked = 0;
  isFull = true;
  const { order } = world.ports.container;
  Object.assign(world.ports.container, {
    order: async (...given: Parameters<typeof order>) => {
      if (!isFull) return order(...given);
      asked += 1;
      return NO_ROOM;
    },
  });
});

describe("a container that can't be had (C12)", () => {
  test("is a wait: no attempt and no loss is counted, and the reason is on bead and town", async () => {
    for (const title of ["One", "Two", "Three"]) world.town.sling({ rig: "repo", title });
    await world.ring();
    await world.pass(24 * 3_600_000);
    for (const bead of world.town.beads().items) expect(bead).toMatchObject({ status: "open", attempts: 0 });
    expect(world.town.bead("b1").reason).toContain("No container can be had");
    expect(world.town.describe().container.why).toContain("there is none");
    // One try for all of them, at most every five minutes.
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(24 * 12 + 10);
    const said = world.town.activity().items.filter(({ text }) => text.includes("No container"));
    expect(said).toHaveLength(1);
  });

  test("ends when there is room, by itself, and everything goes on", async () => {
    world.town.sling({ rig: "repo", title: "One" });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
    await world.ring();
    await world.pass(3_600_000);
    expect(world.town.bead("b1").status).toBe("open");
    isFull = false;
    await world.pass(300_000);
    expect(world.town.bead("b1").status).toBe("in_progress");
    const taken = world.orders.map(({ order }) => order).filter((order) => order.kind === "turn");
    expect(taken.map(({ message, work }) => message ?? work?.bead)).toEqual(
      expect.arrayContaining(["b1", "m1"]),
    );
    expect(world.town.describe().container.state).toBe("awake");
  });

  test("keeps a rig in its check, and nothing awake that has no work", async () => {
    world.town.addRig({ name: "other", gitUrl: "/srv/other" });
    await world.ring();
    await world.pass(3_600_000);
    expect(world.town.rigs().items.find(({ name }) => name === "other")?.state).toBe("checking");
    world.town.removeRig("other");
    await world.ring();
    expect(world.alarm).toBeNull();
  });

  test("can be called off", async () => {
    world.town.sling({ rig: "repo", title: "One" });
    await world.ring();
    world.town.cancelBead("b1");
    await world.ring();
    expect(world.town.bead("b1").status).toBe("cancelled");
    expect(world.alarm).toBeNull();
  });
});

test("the words by which the library and the platform say so are known, and others are not", () => {
  expect(isNoRoom("there is no container instance that can be provided to this durable object")).toBe(true);
  expect(isNoRoom("Maximum number of running container instances exceeded. Try again later")).toBe(true);
  expect(isNoRoom("You are requesting too many containers per second")).toBe(true);
  expect(isNoRoom("the container's process ended")).toBe(false);
});
