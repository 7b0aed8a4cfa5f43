import { expect, test } from "vitest";
import { checkEnd } from "./quiet.ts";
import { busyTown, wakingTown } from "./scenes.ts";
import { end, withWorld } from "./schedule.ts";
import { crash, keepBack, letSweepTell, loseNext, stored, times, until } from "./script.ts";

/*
 * What the checker has found, each as the shortest story that led there.
 */

test("C10: a container's object that is touched after its purge never lacks its mark, not even in a crash", async () => {
  const setting = await busyTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    await end(world, setting, "town");
    // The town is lost before it hears of the purge, so it purges again: each touch wipes anew.
    await until(world, /^error to Town \w+ → TownContainer \w+: purge: purged$/);
    await crash(world, "Town", town, Infinity);
    void world.ask("TownContainer", town, "halt", 1);
    await until(world, /^person → TownContainer \w+: halt$/);
    await crash(world, "TownContainer", town);
    expect(stored(world, "TownContainer", town, "dead")).toBe(true);
    await checkEnd(world, invariants, setting, "town");
  });
});

test("C10: an alarm of a container's object that was on its way when the purge came does nothing", async () => {
  const setting = await busyTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    const { scheduler } = world;
    await end(world, setting, "town");
    await until(world, /^error to Town \w+ → TownContainer \w+: purge: purged$/);
    await scheduler.act("* and its alarm rings", () => world.host("TownContainer", town).ringAgain());
    await until(world, /^alarm of TownContainer \w+, again$/);
    await checkEnd(world, invariants, setting, "town");
  });
});

test("C10: a late kill after the purge leaves nothing behind", async () => {
  const setting = await busyTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    await end(world, setting, "town");
    await until(world, /^error to Town \w+ → TownContainer \w+: purge: purged$/);
    void world.ask("TownContainer", town, "kill", 7);
    await until(world, /^answer to person → TownContainer \w+: kill$/);
    expect([...world.host("TownContainer", town).storage.kv.keys()]).toEqual(["dead"]);
    await checkEnd(world, invariants, setting, "town");
  });
});

test("C2: handing an order to a container that has just died doesn't start it again", async () => {
  const setting = await wakingTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    setting.opening(world);
    await until(world, /^answer to request to the container of \w+$/);
    await until(world, /^answer to request to the container of \w+$/);
    await world.scheduler.act("* the container dies", () => world.platform.machine.end(town, 1));
    await until(world, /^(answer|error) to Town \w+ → TownContainer \w+: order/);
    expect(world.platform.machine.starts.get(`${town}#1`)).toBe(1);
    await end(world, setting, "town");
    await checkEnd(world, invariants, setting, "town");
  });
});

test("C2: a life that is ended while its start is under way doesn't outlive the start", async () => {
  const setting = await wakingTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world) => {
    setting.opening(world);
    await until(world, /^Town \w+ → TownContainer \w+: order$/);
    // The start writes before it starts; meanwhile the town has given that life up.
    await until(world, /^Town \w+ → TownContainer \w+: order$/);
    await keepBack(world, /^sync of TownContainer \w+$/);
    void world.ask("TownContainer", town, "kill", 1);
    await until(world, /^answer to person → TownContainer \w+: kill$/);
    expect(world.platform.machine.starts.size).toBe(0);
    world.scheduler.releaseHeld();
    await until(world, /^(answer|error) to Town \w+ → TownContainer \w+: order/);
    expect(world.platform.machine.starts.size).toBe(1);
    expect(world.platform.machine.processes).toEqual([]);
  });
});

test("C2: an order that comes after its life was ended starts nothing", async () => {
  const setting = await wakingTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world) => {
    setting.opening(world);
    await keepBack(world, /^Town \w+ → TownContainer \w+: order$/);
    void world.ask("TownContainer", town, "kill", 1);
    await until(world, /^answer to person → TownContainer \w+: kill$/);
    world.scheduler.releaseHeld();
    await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
    expect(world.platform.machine.starts.size).toBe(0);
  });
});

test("C2: an order that finds its life still being started waits for it, and doesn't say that it has ended", async () => {
  const setting = await wakingTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world) => {
    setting.opening(world);
    await until(world, /^Town \w+ → TownContainer \w+: order$/);
    await until(world, /^Town \w+ → TownContainer \w+: order$/);
    // So slow a start that the town gives the order up and makes it again.
    await keepBack(world, /^sync of TownContainer \w+$/);
    await until(world, /^Town \w+ → TownContainer \w+: order$/);
    world.scheduler.releaseHeld();
    await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
    await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
    expect(stored(world, "Town", town, "container")).toMatchObject({ state: "awake", life: 1 });
    expect(world.platform.machine.processes).toEqual([{ town, life: 1 }]);
  });
});

test("C2: an order that comes again while the container that it started dies doesn't start the life again", async () => {
  const setting = await wakingTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    setting.opening(world);
    await until(world, /^request to the container of \w+$/);
    await world.scheduler.act("* the container dies", () => world.platform.machine.end(town, 1));
    await keepBack(world, /^SIGKILL to the container/);
    const order = world.platform.calls.findLast(({ method }) => method === "order");
    void world.ask("TownContainer", town, "order", ...(order?.args ?? []));
    await until(world, /^person → TownContainer \w+: order$/);
    world.scheduler.releaseHeld();
    await until(world, /^answer to person → TownContainer \w+: order$/);
    expect(world.platform.machine.starts.get(`${town}#1`)).toBe(1);
    await end(world, setting, "town");
    await checkEnd(world, invariants, setting, "town");
  });
});

test("C2: an order whose life ends while it waits for the port is not handed to the next life", async () => {
  const setting = await wakingTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    const { machine } = world.platform;
    setting.opening(world);
    await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
    void world.ask("Town", town, "addRig", { name: "repo", gitUrl: "/srv/repo", gates: [] });
    await keepBack(world, /^request to the container of \w+$/);
    await world.scheduler.act("* the container dies", () => machine.end(town, 1));
    // The town gives the order up and makes others, of the next life.
    await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
    await world.settle(1000);
    expect(machine.processes).toEqual([{ town, life: 2 }]);
    const requests = times(world, /^request to the container/);
    world.scheduler.releaseHeld();
    await until(world, /^answer to Town \w+ → TownContainer \w+: order$/);
    expect(times(world, /^request to the container/)).toBe(requests + 1);
    await end(world, setting, "town");
    await checkEnd(world, invariants, setting, "town");
  });
});

test("R8: the backstop of a container whose kill fails doesn't throw out of the alarm", async () => {
  const setting = await busyTown();
  await withWorld(setting, async (world, invariants) => {
    const { scheduler } = world;
    await until(world, /^sync of TownContainer/);
    await end(world, setting, "town");
    await keepBack(world, /^Town \w+ → TownContainer \w+: kill$/);
    await scheduler.act("* more than an hour passes", () => {
      scheduler.now += 3_700_000;
    });
    await until(world, /^answer to TownContainer \w+ → Town \w+: mayRun$/);
    await loseNext(world, /^SIGKILL to the container/);
    await checkEnd(world, invariants, setting, "town");
  });
});

test("R15: a try of a finalizer that was given up, and ends after the town, writes nothing beside the tombstone", async () => {
  const setting = await busyTown();
  await withWorld(setting, async (world, invariants) => {
    const { scheduler } = world;
    await end(world, setting, "town");
    await until(world, /^User owner → Town \w+: destroy$/);
    await scheduler.act("* the machine stands still for a while", () => {
      scheduler.now += 76_000;
    });
    await keepBack(world, /^Town \w+ → TownContainer \w+: purge$/);
    await until(world, /^timer of Town \w+ \(60000 ms\)$/);
    // The second try is done with it.
    await until(world, /^error to Town \w+ → TownContainer \w+: purge: purged$/);
    scheduler.releaseHeld();
    await keepBack(world, /^error to Town \w+ → TownContainer \w+: purge: purged$/);
    await until(world, /^deleteAll of Town \w+$/);
    scheduler.releaseHeld();
    await until(world, /^error to Town \w+ → TownContainer \w+: purge: purged$/);
    await checkEnd(world, invariants, setting, "town");
  });
});

test("R14: a sweep that is faster than the owner gives the ledger the receipt, too", async () => {
  const setting = await busyTown();
  await withWorld(setting, async (world, invariants) => {
    await end(world, setting, "town");
    await until(world, /^answer to User owner → Town \w+: destroy$/);
    await letSweepTell(world);
    expect(world.ledger().find(({ id }) => id === setting.town)).toMatchObject({ state: "gone" });
    expect(world.ledger().find(({ id }) => id === setting.town)?.receipt).toContain('"agents":3');
    await checkEnd(world, invariants, setting, "town");
    expect(times(world, /^sweep → ledger: INSERT/)).toBe(1);
  });
});
