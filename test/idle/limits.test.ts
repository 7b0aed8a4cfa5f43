import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../town/world.ts";
import { answer, callsDuring, DAY_MS, HOUR_MS, MINUTE_MS, say, sleepingTown, warmTown } from "./scenes.ts";

/** A container that is heard of whenever the town looks. */
const pinging = (world: World): World => {
  world.played.pingAt = Number.MAX_SAFE_INTEGER / 2;
  return world;
};

describe("a run that its container never ends", () => {
  test("C8: is ended by the town, a stop's deadline after its limit, and the container with its next sleep", async () => {
    const world = pinging(await warmTown({ CURFEW_RUN_MAX: "1h", CURFEW_STOP_DEADLINE: "20s" }));
    world.town.sling({ rig: "repo", title: "Endless" });
    await world.ring();
    const { runId } = world.order("turn");
    await world.pass(HOUR_MS + 19_999);
    expect(world.town.bead("b1").status).toBe("in_progress");
    await world.pass(1);
    expect(world.town.beadRuns("b1").items).toMatchObject([
      { id: runId, reason: "It ran into its time limit." },
    ]);
    expect(world.calls).toContain(`cancel ${runId}`);
    await world.pass(DAY_MS);
    expect(world.town.bead("b1")).toMatchObject({ status: "failed", attempts: 3 });
    expect(world.town.describe()).toMatchObject({ wake: null, container: { state: "asleep" } });
  });
});

describe("a container that never calls home", () => {
  test("C5: loses what it took after a lease, each time, and then nothing is tried any more", async () => {
    const world = openWorld({ CURFEW_LEASE: "60s" });
    world.town.addRig({ name: "repo", gitUrl: "/srv/repo", gates: [] });
    await world.settled();
    await world.pass(60_000);
    expect(world.calls).toEqual(["order check", "kill"]);
    await world.pass(DAY_MS);
    expect(world.town.rigs().items).toMatchObject([
      // Waits: that its container is silent is no fault of the rig's.
      { state: "checking", reason: "The container was not heard of any more." },
    ]);
    expect(world.calls.filter((call) => call === "order check")).toHaveLength(5);
    expect(world.town.describe()).toMatchObject({ wake: null, container: { state: "asleep" } });
  });
});

describe("a container whose object never answers an order", () => {
  test("C7: is not taken for a warm one: its end is asked for soon after the last try", async () => {
    const world = openWorld({ CURFEW_START_DEADLINE: "90s", CURFEW_SLEEP_AFTER: "30m" });
    world.played.refuse = "out of reach";
    await say(world);
    await world.pass(2 * MINUTE_MS);
    expect(world.town.describe()).toMatchObject({ wake: null, container: { state: "asleep", life: 1 } });
    expect(world.calls.filter((call) => !call.startsWith("cancel"))).toEqual([
      "order turn",
      "order turn",
      "order turn",
      "stop",
    ]);
  });
});

describe("an order whose container ended while its agent was told", () => {
  test("C2: is not sent: it would belong to a life that is over", async () => {
    const world = await warmTown();
    const { tell } = world.ports.agents;
    Object.assign(world.ports.agents, {
      tell: async (...args: Parameters<typeof tell>) => {
        if (args[1].kind === "begin" && world.played.running === 1) {
          world.played.running = null;
          world.town.containerStopped(1, { running: false, exitCode: 1, reason: "exit 1" });
        }
        return tell(...args);
      },
    });
    const lives = (): number[] => world.orders.map(({ life }) => life);
    const before = lives().length;
    await say(world);
    await world.pass(10_000);
    expect(lives().slice(before)).toEqual([2]);
  });
});

describe("a model call that is settled late", () => {
  test("A4: after its run and its container's sleep, is counted and wakes nothing", async () => {
    const world = await warmTown();
    const model = { baseUrl: "https://models.example/v1", model: "m" };
    world.town.configure({ model });
    await say(world);
    const { agent, process } = world.order("turn");
    const { call } = world.town.admit({ agent, process });
    await answer(world);
    await world.pass(HOUR_MS);
    expect(world.town.describe().container.state).toBe("asleep");
    const calls = await callsDuring(world, () =>
      world.town.settle({ call, status: 200, inputTokens: 3, outputTokens: 4 }),
    );
    expect(calls).toEqual([]);
    expect(world.alarm).toBeNull();
    expect(world.town.describe().usage).toEqual({ calls: 1, inputTokens: 3, outputTokens: 4 });
  });
});

describe("sleepAfter that is changed", () => {
  const sleepsAt = (world: World): number | null => world.town.describe().container.sleepsAt;

  test("while the container waits moves its sleep: sooner, later, and at once if that time is over", async () => {
    const world = await warmTown({ CURFEW_SLEEP_AFTER: "30m" });
    const end = world.now;
    await world.pass(10 * MINUTE_MS);
    world.town.configure({ sleepAfter: "1h" });
    expect(sleepsAt(world)).toBe(end + HOUR_MS);
    world.town.configure({ sleepAfter: "15m" });
    expect(sleepsAt(world)).toBe(end + 15 * MINUTE_MS);
    const calls = await callsDuring(world, () => world.town.configure({ sleepAfter: "5m" }));
    expect(calls).toEqual(["stop"]);
    expect(world.town.describe()).toMatchObject({ wake: null, container: { state: "asleep" } });
  });

  test("while it works counts from the end of that", async () => {
    const world = pinging(await warmTown({ CURFEW_SLEEP_AFTER: "30m" }));
    await say(world);
    world.town.configure({ sleepAfter: "1s" });
    await world.pass(HOUR_MS);
    expect(world.town.agent("mayor").status).toBe("working");
    await answer(world);
    expect(sleepsAt(world)).toBe(world.now + 1000);
  });

  test("while it sleeps wakes nothing, and arms nothing", async () => {
    const world = await sleepingTown();
    const calls = await callsDuring(world, () => {
      world.town.configure({ sleepAfter: "30d" });
      world.town.configure({ sleepAfter: "1s" });
    });
    expect(calls).toEqual([]);
    expect(world.alarm).toBeNull();
  });
});
