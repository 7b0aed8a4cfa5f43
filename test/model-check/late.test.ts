import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { outsider } from "./platform/caller.ts";
import type { Host } from "./platform/host.ts";
import { checkEnd } from "./quiet.ts";
import { busyTown, type Setting } from "./scenes.ts";
import { end, withWorld } from "./schedule.ts";
import { SEED } from "./settings.ts";
import type { World } from "./world.ts";

/*
 * Whatever comes too late: every call that was ever made, again and in any order; sockets; words of the
 * container; alarms. Against a town that is gone it changes not one byte, arms nothing and starts nothing.
 */

const REQUESTS = 1000;

/** What is stored and set, in a form that can be compared. */
const storedBy = ({ storage }: Host): object => ({
  keys: Object.fromEntries(storage.kv),
  tables: storage.tables,
  alarm: storage.alarm,
});

const placesOf = (world: World, town: string): Host[] =>
  [...world.platform.hosts.values()].filter(({ name }) => name === town || name.startsWith(`${town}.`));

/** One late request of every kind that there is, by number. */
const lateRequests = (world: World, town: string): (() => void)[] => {
  const calls = world.platform.calls.filter(({ name }) => name === town || name.startsWith(`${town}.`));
  const late = outsider("late");
  const frame = (host: Host, text: object): void =>
    world.platform.event(
      host,
      "webSocketMessage",
      { tags: ["container"], close: () => {} },
      JSON.stringify(text),
    );
  return [
    ...calls.map((call) => () => void world.platform.call(late, call).catch(() => undefined)),
    ...placesOf(world, town)
      .filter(({ className }) => className !== "TownContainer")
      .flatMap((host) => [
        () => void world.connect(host.className, host.name),
        () => void world.connect(host.className, host.name, { role: "container", life: 1 }),
        () => frame(host, { type: "hello", version: PROTOCOL_VERSION, boot: "boot", life: 1, runs: [] }),
        () => world.platform.event(host, "webSocketClose", {}, 1006, "", false),
        () => world.platform.event(host, "webSocketError", {}, new Error("late")),
      ]),
    ...placesOf(world, town).map((host) => () => host.ringAgain()),
    () => void world.closeTown(town),
    () => void world.ask("Town", town, "destroy", { cause: "again" }),
  ];
};

const endQuietly = async (world: World, setting: Setting, work: () => Promise<void>): Promise<void> => {
  await end(world, setting, "town");
  await world.settle(60_000);
  await work();
};

test("a thousand late requests of every kind change nothing about a town that is gone (R3–R6, R15, C2, C10)", async () => {
  const setting = await busyTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world, invariants) => {
    await endQuietly(world, setting, async () => {
      const before = placesOf(world, town).map(storedBy);
      const starts = new Map(world.platform.machine.starts);
      const requests = lateRequests(world, town);
      for (const pick of fc.sample(fc.nat(requests.length - 1), { numRuns: REQUESTS, seed: SEED })) {
        await world.scheduler.act("* too late", () => requests[pick]?.());
        if (pick % 3 === 0) await world.scheduler.step();
      }
      await world.settle(60_000);
      expect(placesOf(world, town).map(storedBy)).toEqual(before);
      expect(world.platform.machine.starts).toEqual(starts);
      expect(world.platform.machine.processes).toEqual([]);
    });
    await checkEnd(world, invariants, setting, "town");
  });
});

test("destroying twice is destroying once: the same receipt, and nothing is written (R4)", async () => {
  const setting = await busyTown();
  const town = setting.town ?? "";
  await withWorld(setting, async (world) => {
    await endQuietly(world, setting, async () => {
      const { storage } = world.host("Town", town);
      const { version } = storage;
      const receipts: unknown[] = [];
      for (const cause of ["again", "and again"])
        void world.ask("Town", town, "destroy", { cause }).then((receipt) => receipts.push(receipt));
      await world.settle(1000);
      const tombstone = storage.kv.get("vital") as { receipt: object };
      expect(receipts).toEqual([tombstone.receipt, tombstone.receipt]);
      expect(storage.version).toBe(version);
    });
  });
});
