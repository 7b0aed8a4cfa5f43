import { describe, expect, test } from "vitest";
import { BASE, MERGE, openWorld, withRig, type World } from "./world.ts";

/** A call that the test holds back: `release` lets it go on. */
const held = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: promise, release: resolve };
};

/** Lets everything run that doesn't wait for the test. */
const turnOver = async (): Promise<void> => {
  for (let n = 0; n < 200; n += 1) await Promise.resolve();
};

const replace = <K extends "container" | "agents">(
  world: World,
  port: K,
  methods: Partial<World["ports"][K]>,
): void => void Object.assign(world.ports[port], methods);

describe("a person who is faster than the container", () => {
  test("cancels a turn before its order is out: the container is never asked", async () => {
    const world = openWorld();
    const door = held();
    replace(world, "agents", {
      tell: async (agent, word) => {
        world.words.push({ agent, word });
        if (word.kind === "begin") await door.wait;
        return { ok: true, value: null };
      },
    });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await turnOver();
    world.town.cancelTurn("mayor");
    door.release();
    await world.settled();
    await world.ring();
    expect(world.orders).toEqual([]);
    expect(world.words.at(-1)?.word).toMatchObject({ kind: "end", state: "cancelled" });
    expect(world.town.describe().container.state).toBe("asleep");
    expect(world.alarm).toBeNull();
  });

  test("cancels a turn while its order is on its way: it is cancelled once the container has it", async () => {
    const world = openWorld();
    const door = held();
    replace(world, "container", {
      order: async (life, order) => {
        world.calls.push(`order ${order.kind}`);
        await door.wait;
        world.played.running = life;
        return { taken: true, boot: "boot" };
      },
    });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await turnOver();
    world.town.cancelTurn("mayor");
    await turnOver();
    door.release();
    await world.settled();
    await world.ring();
    expect(world.calls).toEqual(["order turn", "cancel r1"]);
  });

  test("removes a rig while its polecat is being introduced: nothing of it is handed over", async () => {
    const world = await withRig(openWorld());
    const door = held();
    replace(world, "agents", {
      tell: async () => {
        await door.wait;
        return { ok: true, value: null };
      },
    });
    world.town.sling({ rig: "repo", title: "Too late" });
    await turnOver();
    world.town.removeRig("repo");
    door.release();
    await world.settled();
    expect(world.orders.filter(({ order }) => order.kind === "turn")).toEqual([]);
  });
});

describe("an order whose answer is lost", () => {
  test("is disowned: the container may have taken it all the same", async () => {
    const world = await withRig(openWorld());
    replace(world, "container", {
      order: async () => {
        throw new Error("the connection was lost");
      },
    });
    world.town.sling({ rig: "repo", title: "Ghost" });
    await world.settled();
    await world.ring();
    expect(world.calls).toContain("cancel r2");
  });

  test("that never reached the container's object leaves it asleep and untouched", async () => {
    const world = openWorld();
    replace(world, "agents", {
      tell: async () => {
        throw new Error("the agent's room is down");
      },
    });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await world.settled();
    await world.pass(3_600_000);
    expect(world.calls).toEqual([]);
    expect(world.town.describe().container.state).toBe("asleep");
  });
});

describe("a peer that never answers", () => {
  test("doesn't keep the town from losing a container that is not heard of", async () => {
    const world = await withRig(openWorld({ CURFEW_LEASE: "10s" }));
    world.town.sling({ rig: "repo", title: "Frozen" });
    await world.settled();
    // The lane's own deadline is real time; here the call is cut as that deadline would cut it.
    const door = held();
    replace(world, "container", {
      cancel: async () => {
        await door.wait;
        throw new Error("took longer than 20 s");
      },
    });
    world.town.cancelBead("b1");
    await turnOver();
    door.release();
    await world.settled();
    world.played.pingAt = null;
    await world.pass(10_000);
    expect(world.calls).toContain("kill");
  });
});

describe("what was meant to be pushed", () => {
  test("W7, hole (d): is looked for first when a person retries a bead whose merge failed", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Pushed?" });
    await world.settled();
    await world.event(world.done(world.order("turn")));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { runId, fence } = world.order("merge");
      await world.event({ type: "intent", runId, fence, commit: MERGE, onto: BASE });
      const result = { outcome: "failed", reason: "the push was cut off", again: true } as const;
      await world.event({ type: "merged", runId, fence, result });
      await world.pass(60_000);
    }
    expect(world.town.bead("b1").status).toBe("failed");
    world.town.retryBead("b1");
    await world.settled();
    expect(world.order("merge").intent).toEqual({ commit: MERGE, onto: BASE });
    expect(world.orders.filter(({ order }) => order.kind === "turn")).toHaveLength(1);
  });
});

describe("a container that was replaced", () => {
  test("C2, hole (f): before its first word, too: a run that another boot took is lost", async () => {
    const world = openWorld();
    replace(world, "container", {
      order: async (life) => {
        world.played.running = life;
        return { taken: true, boot: "first" };
      },
    });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await world.settled();
    await world.hello("second", []);
    expect(world.town.agent("mayor")).toMatchObject({
      status: "idle",
      reason: "The container was restarted, and the run with it.",
    });
  });

  test("but the first word of the boot that took it loses nothing, though it was said before", async () => {
    const world = openWorld();
    replace(world, "container", {
      order: async (life) => {
        world.played.running = life;
        return { taken: true, boot: "first" };
      },
    });
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await world.settled();
    await world.hello("first", []);
    expect(world.town.agent("mayor").status).toBe("working");
  });

  test("hole (f): before the answer to an order is there: the run went with the boot that took it", async () => {
    const world = await withRig(openWorld());
    const door = held();
    const { order } = world.ports.container;
    replace(world, "container", {
      order: async (life, what) => {
        await order(life, what);
        await door.wait;
        return { taken: true, boot: "boot" };
      },
    });
    world.town.sling({ rig: "repo", title: "Replaced" });
    await turnOver();
    expect(world.order("turn")).toMatchObject({ runId: "r2" });
    replace(world, "container", { order });
    const word = world.hello("another boot");
    door.release();
    await word;
    await world.pass(60_000);
    expect(world.order("turn")).toMatchObject({ runId: "r3" });
    expect(world.town.bead("b1")).toMatchObject({ status: "in_progress" });
  });

  test("but a run that the new boot took, whose first word comes after its answer, goes on", async () => {
    const world = await withRig(openWorld());
    const { order } = world.ports.container;
    replace(world, "container", {
      order: async (life, what) => {
        await order(life, what);
        return { taken: true, boot: "another boot" };
      },
    });
    world.town.sling({ rig: "repo", title: "Taken" });
    await world.settled();
    const { runId, fence } = world.order("turn");
    await world.hello("another boot", [{ runId, fence }]);
    await world.pass(60_000);
    expect(world.order("turn").runId).toBe(runId);
  });
});

describe("new settings", () => {
  test("reach a warm mayor with the next message: another runtime is another process", async () => {
    const world = openWorld();
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await world.settled();
    const one = world.order("turn");
    await world.hello("boot", [one]);
    const { runId, fence } = one;
    await world.event({ type: "turned", runId, fence, agent: "mayor", result: { outcome: "talked" } });
    world.town.configure({ model: { baseUrl: "https://example.org/v1", model: "m" } });
    world.town.take({ agent: "mayor", id: "m2", entry: 2, text: "again" });
    await world.settled();
    const two = world.order("turn");
    expect(two.runtime.kind).toBe("opencode");
    expect(two.process).not.toBe(one.process);
    expect(two.prompt).toContain("You are the mayor");
  });
});
