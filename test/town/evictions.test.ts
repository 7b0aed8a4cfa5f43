import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { openWorld, withRig, type World } from "./world.ts";

/** The cloud takes the container away: it ends by itself, without a word of its runs. */
const evict = async (world: World): Promise<void> => {
  const life = world.played.running ?? 0;
  world.played.running = null;
  world.town.containerStopped(life, { running: false, exitCode: 0, reason: "exit 0" });
  await world.ring();
};

const rig = (world: World) => world.town.rigs().items.find(({ name }) => name === "repo");
const checks = (world: World) => world.orders.filter(({ order }) => order.kind === "check").length;

/** The container is evicted while it looks at the rig, so often; each time it looks again, if it does. */
const evictChecks = async (world: World, times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) {
    await world.hello(`boot ${world.now}`, [world.order("check")]);
    await evict(world);
    const before = checks(world);
    while (checks(world) === before && world.alarm !== null) await world.pass(world.alarm - world.now);
  }
};

const withChecking = async (): Promise<World> => {
  const world = openWorld();
  world.town.addRig({ name: "repo", gitUrl: "/srv/repo", gates: [] });
  await world.settled();
  return world;
};

const answerCheck = (world: World) => {
  const { runId, fence } = world.order("check");
  const result = { outcome: "ready", branch: "main", head: "b".repeat(40) } as const;
  return world.event({ type: "checked", runId, fence, rig: "repo", result }, "last boot");
};

describe("An eviction (W4, W10)", () => {
  test("of a rig's check, four times, is no fault of the rig's, and its beads wait", async () => {
    const world = await withChecking();
    world.town.sling({ rig: "repo", title: "A bead" });
    await evictChecks(world, 4);
    expect(rig(world)).toMatchObject({ state: "checking", reason: expect.stringContaining("ended") });
    expect(world.town.bead("b1")?.status).toBe("open");
    await world.hello("last boot", [world.order("check")]);
    await answerCheck(world);
    expect(rig(world)).toMatchObject({ state: "ready", reason: null });
    expect(world.order("turn").work?.bead).toBe("b1");
  });

  test("of a check, five times, lets the rig wait with the reason, until somebody wants it", async () => {
    const world = await withChecking();
    await evictChecks(world, 5);
    expect(checks(world)).toBe(5);
    expect(rig(world)).toMatchObject({ state: "checking", reason: expect.stringContaining("ended") });
    expect(world.alarm).toBeNull();
    world.town.sling({ rig: "repo", title: "A bead" });
    await world.settled();
    expect(checks(world)).toBe(6);
    await world.hello("last boot", [world.order("check")]);
    await answerCheck(world);
    expect(rig(world)?.state).toBe("ready");
  });

  test("leaves a rig that waits to be added anew, with what should be otherwise", async () => {
    const world = await withChecking();
    await evictChecks(world, 4);
    const anew = () => world.town.addRig({ name: "repo", gitUrl: "/srv/other", gates: [] });
    expect(anew).toThrow('There is a rig "repo" already.');
    await evictChecks(world, 1);
    anew();
    await world.settled();
    expect(world.order("check").rig.gitUrl).toBe("/srv/other");
  });

  test("of a mayor's turn, four times, is no fault of the message's, and five times fails it (M4)", async () => {
    const world = await withRig(openWorld());
    const turns = () => world.calls.filter((call) => call === "order turn").length;
    const evictTurns = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1) {
        await world.hello(`boot ${world.now}`, [world.order("turn")]);
        await evict(world);
        const before = turns();
        while (turns() === before && world.alarm !== null) await world.pass(world.alarm - world.now);
      }
    };
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "/help" });
    await world.settled();
    await evictTurns(4);
    expect(turns()).toBe(5);
    expect(world.order("turn").message).toBe("m1");
    await evictTurns(1);
    expect(turns()).toBe(5);
    expect(world.words.at(-1)).toMatchObject({ agent: "mayor", word: { kind: "end", state: "failed" } });
  });

  test("that refuses an order is a loss, and nothing more is ordered until it is over", async () => {
    const world = await withRig(openWorld());
    const { order } = world.ports.container;
    let refused = 0;
    world.ports.container.order = async () => {
      refused += 1;
      return { taken: false, truth: { running: true }, reason: "It is stopping.", why: "stopping" };
    };
    world.town.sling({ rig: "repo", title: "A bead" });
    await world.settled();
    await world.pass(readConfig({}).stopDeadlineMs - 1);
    expect(refused).toBe(1);
    expect(world.town.bead("b1")).toMatchObject({ status: "open", attempts: 0 });
    world.ports.container.order = order;
    await evict(world);
    while (world.calls.at(-1) !== "order turn" && world.alarm !== null)
      await world.pass(world.alarm - world.now);
    expect(world.order("turn").work?.bead).toBe("b1");
  });

  test("that doesn't come to its end is ended by the town", async () => {
    const world = await withRig(openWorld());
    world.ports.container.order = async () => ({
      taken: false,
      truth: { running: true },
      reason: "It is stopping.",
      why: "stopping",
    });
    world.town.sling({ rig: "repo", title: "A bead" });
    await world.settled();
    await world.pass(readConfig({}).stopDeadlineMs);
    expect(world.calls).toContain("kill");
  });
});
