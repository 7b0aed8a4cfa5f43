import { describe, expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import type { Call } from "./platform/platform.ts";
import { checkEnd } from "./quiet.ts";
import { busyTown, ownerWithIdleTown, wakingTown } from "./scenes.ts";
import { end, withWorld } from "./schedule.ts";
import { crash, keepBack, letSweepTell, loseNext, stored, times, until } from "./script.ts";
import type { World } from "./world.ts";

/*
 * The holes that docs/ARCHITECTURE.md lists and that live between rooms, each as the story in which it would show.
 * Those of other places: (d), a merge is never done twice: test/git and test/town; (f), a replaced
 * container: test/town and test/rooms; (i), a replayed turn: test/mcp and test/rooms; (m), a laptop that
 * slept: test/town and test/rooms.
 */

interface Vital {
  readonly state: string;
}

const vitalOf = (world: World, className: string, name: string): string =>
  (stored<Vital | undefined>(world, className, name, "vital") ?? { state: "unborn" }).state;

const containerOf = (world: World, town: string): { state: string; life: number } =>
  stored(world, "Town", town, "container");

const callsOf = (world: World, method: string): Call[] =>
  world.platform.calls.filter((call) => call.method === method);

const say = (world: World, town: string, id: string): void => {
  void world.ask("Agent", `${town}.mayor`, "say", { id, text: "hello" });
};

/** The container takes its first order, connects, and says that the run is over. */
const answerFirst = async (world: World, town: string): Promise<void> => {
  await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
  void world.connect("Town", town, { role: "container", life: 1 });
  await until(world, /^answer to person → Town \w+: fetch$/);
  const boot = "boot 1";
  world.frame(town, { type: "hello", version: PROTOCOL_VERSION, boot, life: 1, runs: [] });
  const event = { type: "turned", runId: "r1", fence: 1, agent: "mayor", result: { outcome: "talked" } };
  world.frame(town, { type: "event", boot, n: 1, event });
};

describe("between found and destroy", () => {
  test("hole (a): a founding that is overtaken by its end finds a tombstone", async () => {
    const setting = await ownerWithIdleTown();
    await withWorld(setting, async (world, invariants) => {
      setting.opening(world);
      await keepBack(world, /^User owner → Town \w+: found$/);
      const town = world.newest(setting);
      await end(world, setting, "town");
      await until(world, /^answer to User owner → Town \w+: destroy$/);
      expect(vitalOf(world, "Town", town)).toBe("dead");
      await checkEnd(world, invariants, setting, "town");
      expect(times(world, /^User owner → Town \w+: found$/)).toBe(1);
      expect(times(world, new RegExp(`Agent ${town}.mayor: found$`))).toBe(0);
    });
  });

  test("hole (b): a kill between deleteAll and the tombstone, and the old charter in the gap: the end comes again", async () => {
    const setting = await busyTown();
    const town = setting.town ?? "";
    await withWorld(setting, async (world, invariants) => {
      await end(world, setting, "town");
      await until(world, /^answer to Town \w+ → User owner: noteReceipt$/);
      await crash(world, "Town", town);
      expect(vitalOf(world, "Town", town)).toBe("unborn");
      const charter = callsOf(world, "found").find(({ name }) => name === town)?.args[0];
      void world.ask("Town", town, "found", charter);
      await until(world, /^answer to person → Town \w+: found$/);
      await checkEnd(world, invariants, setting, "town");
      const row = world.towns().find(({ id }) => id === town);
      // What ended first is what the receipt tells of.
      expect(JSON.parse(row?.receipt ?? "null")).toMatchObject({ state: "gone", agents: 3 });
    });
  });

  test("hole (e): the ledger misses that a town is open: the sweep heals the row, and the town lives", async () => {
    const setting = await ownerWithIdleTown();
    await withWorld(setting, async (world) => {
      setting.opening(world);
      await until(world, /^answer to User owner → Town \w+: found$/);
      await letSweepTell(world);
      await world.settle(3_600_000);
      const town = world.newest(setting);
      expect(world.swept).toMatchObject([{ healed: 1, errors: 0 }]);
      expect(world.ledger().find(({ id }) => id === town)?.state).toBe("open");
      expect(vitalOf(world, "Town", town)).toBe("alive");
    });
  });
});

describe("between the town and its container", () => {
  test("hole (c): an order that is late by a purge starts nothing", async () => {
    const setting = await wakingTown();
    await withWorld(setting, async (world, invariants) => {
      setting.opening(world);
      await keepBack(world, /^Town \w+ → TownContainer \w+: order$/);
      await end(world, setting, "town");
      await until(world, /^answer to User owner → Town \w+: destroy$/);
      await checkEnd(world, invariants, setting, "town");
      expect(times(world, /TownContainer \w+: order$/)).toBeGreaterThan(0);
      expect(world.platform.machine.starts.size).toBe(0);
    });
  });

  test("hole (g): while the container is asked to stop nothing is dispatched, and the stop has a deadline", async () => {
    const setting = await wakingTown();
    const town = setting.town ?? "";
    await withWorld(setting, async (world) => {
      setting.opening(world);
      await answerFirst(world, town);
      await keepBack(world, /^Town \w+ → TownContainer \w+: halt$/);
      say(world, town, "message-2");
      await until(world, /^answer to Agent \S+ → Town \w+: take$/);
      expect(containerOf(world, town)).toMatchObject({ state: "stopping", life: 1 });
      const orders = callsOf(world, "order").length;
      world.scheduler.releaseHeld();
      await loseNext(world, /obeys SIGTERM$/);
      expect(callsOf(world, "order")).toHaveLength(orders);
      await until(world, /^Town \w+ → TownContainer \w+: kill$/);
      await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
      expect(containerOf(world, town)).toMatchObject({ state: "awake", life: 2 });
      expect(world.platform.machine.processes).toEqual([{ town, life: 2 }]);
    });
  });

  test("hole (k): the end of a container that the town did not hear of is told again", async () => {
    const setting = await wakingTown();
    const town = setting.town ?? "";
    await withWorld(setting, async (world) => {
      setting.opening(world);
      await answerFirst(world, town);
      await until(world, /^answer to Town \w+ → Agent \S+: told$/);
      await world.scheduler.act("* the container dies", () => world.platform.machine.end(town, 1));
      await loseNext(world, /^TownContainer \w+ → Town \w+: containerStopped$/);
      expect(containerOf(world, town)).toMatchObject({ state: "awake", life: 1 });
      // Nothing is at work, so the town has no reason to ask for it.
      const asked = (): number => times(world, /^Town \w+ → TownContainer /);
      const askedBefore = asked();
      await until(world, /^answer to TownContainer \w+ → Town \w+: containerStopped$/);
      expect(asked()).toBe(askedBefore);
      expect(containerOf(world, town)).toMatchObject({ state: "asleep", life: 1 });
    });
  });

  test("hole (l): a deploy that resets the container's object in its purge is not taken for the purge", async () => {
    const setting = await busyTown();
    const town = setting.town ?? "";
    await withWorld(setting, async (world, invariants) => {
      await end(world, setting, "town");
      await until(world, /^Town \w+ → TownContainer \w+: purge$/);
      await crash(world, "TownContainer", town, Infinity);
      expect(stored(world, "TownContainer", town, "dead")).toBeUndefined();
      await checkEnd(world, invariants, setting, "town");
      expect(callsOf(world, "purge").length).toBeGreaterThan(1);
      expect(stored(world, "TownContainer", town, "dead")).toBe(true);
    });
  });
});

describe("between messages and alarms", () => {
  test("hole (h): a message that was acknowledged reaches the town, though the agent's room is lost first", async () => {
    const setting = await wakingTown();
    const town = setting.town ?? "";
    await withWorld(setting, async (world) => {
      setting.opening(world);
      await keepBack(world, /^Agent \S+ → Town \w+: take$/);
      await until(world, /^answer to person → Agent \S+: say$/);
      const take = world.scheduler.waiting(/^Agent \S+ → Town \w+: take$/);
      if (take !== undefined) await world.scheduler.lose(take);
      await crash(world, "Agent", `${town}.mayor`, Infinity);
      await until(world, /^alarm of Agent \S+\.mayor$/);
      await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
      expect(world.platform.machine.processes).toEqual([{ town, life: 1 }]);
    });
  });

  test("hole (j): an alarm that found nothing to do doesn't delete the one that new work has set", async () => {
    const setting = await wakingTown();
    const town = setting.town ?? "";
    await withWorld(setting, async (world) => {
      setting.opening(world);
      await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
      // The alarm's handler waits for the owner while the room takes a message.
      await until(world, /^alarm of Town \w+$/);
      await keepBack(world, /^answer to Town \w+ → User owner: noteSummary$/);
      say(world, town, "message-2");
      await until(world, /^answer to Agent \S+ → Town \w+: take$/);
      world.scheduler.releaseHeld();
      await until(world, /^answer to Town \w+ → User owner: noteSummary$/);
      expect(world.host("Town", town).storage.alarm).not.toBeNull();
      await crash(world, "Town", town);
      expect(world.host("Town", town).dueAt()).not.toBeNull();
    });
  });
});
