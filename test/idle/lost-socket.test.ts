import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../town/world.ts";

/** A town whose mayor has answered once and waits. */
const warm = async (): Promise<World> => {
  const world = openWorld({ CURFEW_GRACE: "15s", CURFEW_SLEEP_AFTER: "30m" });
  world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
  await world.settled();
  await world.hello();
  const { runId, fence } = world.order("turn");
  await world.event({ type: "turned", runId, fence, agent: "mayor", result: { outcome: "talked" } });
  return world;
};

describe("a socket that is away while nothing runs", () => {
  test("is no reason to wake, and none to end the container", async () => {
    const world = await warm();
    world.town.linkClosed(1);
    expect(world.town.describe().wake?.why).toBe("the container goes to sleep");
    await world.pass(10 * 60_000);
    expect(world.calls).toEqual(["order turn"]);
    expect(world.town.describe().container.state).toBe("awake");
  });

  test("has its grace from the moment at which the container takes new work", async () => {
    const world = await warm();
    world.town.linkClosed(1);
    await world.pass(10 * 60_000);
    world.town.take({ agent: "mayor", id: "m2", entry: 2, text: "Still there?" });
    await world.ring();
    expect(world.town.describe().wake).toEqual({
      at: world.now + 15_000,
      why: "a container's socket is away",
    });
    expect(world.calls).toEqual(["order turn", "order turn"]);
    await world.pass(14_999);
    const { runId, fence } = world.order("turn");
    await world.hello("boot", [{ runId, fence }]);
    await world.pass(1000);
    expect(world.town.agent("mayor").status).toBe("working");
  });

  test("hole (m): gets its grace anew when a laptop slept through it", async () => {
    const world = await warm();
    world.town.take({ agent: "mayor", id: "m2", entry: 2, text: "Still there?" });
    await world.ring();
    world.town.linkClosed(1);
    await world.sleep(8 * 3_600_000);
    expect(world.calls).not.toContain("kill");
    const { runId, fence } = world.order("turn");
    await world.hello("boot", [{ runId, fence }]);
    await world.pass(15_000);
    expect(world.town.agent("mayor").status).toBe("working");
    world.town.linkClosed(1);
    await world.sleep(16_000);
    expect(world.calls).toContain("kill");
  });

  test("loses the new work when it stays away", async () => {
    const world = await warm();
    world.town.linkClosed(1);
    await world.pass(10 * 60_000);
    world.town.take({ agent: "mayor", id: "m2", entry: 2, text: "Still there?" });
    await world.ring();
    await world.pass(15_000);
    expect(world.calls).toEqual(["order turn", "order turn", "kill"]);
    expect(world.town.describe().container.lastExit).toMatchObject({ code: 137 });
    expect(world.town.agent("mayor")).toMatchObject({
      status: "idle",
      reason: "The container's connection was lost.",
    });
  });
});
