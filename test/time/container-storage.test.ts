import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Simulation } from "../../bench/rooms/simulation.ts";
import { Town as RealTown } from "../../parties/town.ts";
import { TownContainer } from "../../parties/town-container.ts";
import type { Agent } from "../../src/protocol/agent.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Town } from "../../src/protocol/town.ts";
import { CONTAINER_MIGRATIONS } from "../../src/storage/container.ts";
import { SCHEMA, type Migration, type Migrations } from "../../src/storage/migrations.ts";
import { TOWN_MIGRATIONS } from "../../src/town/features.ts";
import { call } from "../rooms/ask.ts";
import { room } from "../rooms/rooms.ts";

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => vi.restoreAllMocks());

const VERSION = CONTAINER_MIGRATIONS.length;
const MARKED: Migration = { name: "marked", up: ({ kv }) => kv.put("marked", true) };
const BREAKS: Migration = {
  name: "breaks",
  up: ({ kv }) => {
    kv.put("marked", true);
    throw new Error("it can't be");
  },
};

/** From here on the object is that of a build that knows these migrations, too, and in nobody's memory. */
const upgrade = async (town: string, ...more: readonly Migration[]): Promise<void> => {
  const object = TownContainer.prototype as unknown as { readonly migrations: Migrations };
  vi.spyOn(object, "migrations", "get").mockReturnValue([...CONTAINER_MIGRATIONS, ...more]);
  const reset = runInDurableObject(room.container(town), (_object, state) => state.abort("reset"));
  await expect(reset).rejects.toThrow("reset");
};

const record = (town: string, key: string): Promise<unknown> =>
  runInDurableObject(room.container(town), (_object, { storage }) => storage.kv.get(key));

const say = (town: string, id: string): Promise<unknown> =>
  call("POST", `/api/towns/${town}/mayor/messages`, { id, text: "Hello?" });

const containerOf = async (town: string): Promise<Town["container"]> =>
  (await call<Town>("GET", `/api/towns/${town}`)).body.container;

const receiptOf = async (town: string): Promise<Receipt> =>
  (await call<Receipt>("GET", `/api/towns/${town}/receipt`)).body;

/** A town that has worked, whose container sleeps. */
const asleep = async (simulation: Simulation): Promise<string> => {
  const { town } = simulation;
  await say(town, "m1");
  await simulation.pass(60_000);
  await simulation.pass(3_600_000);
  expect((await containerOf(town)).state).toBe("asleep");
  return town;
};

describe("what the container's object stores", () => {
  test("U1, U2: has a version from its first start on, and is brought up to date before its next", async () => {
    await Simulation.of(
      () => 1000,
      async (simulation) => {
        const town = await asleep(simulation);
        const [{ name }] = CONTAINER_MIGRATIONS.slice(-1) as [Migration];
        expect(await record(town, SCHEMA)).toEqual({ version: VERSION, name });
        await upgrade(town, MARKED);
        expect(await record(town, "marked")).toBeUndefined();
        await say(town, "m2");
        await simulation.pass(60_000);
        expect(await record(town, "marked")).toBe(true);
        expect(await record(town, SCHEMA)).toEqual({ version: VERSION + 1, name: "marked" });
        expect(simulation.machine.stays).toHaveLength(2);
      },
    );
  });

  test("U4, U6, U9: where a migration throws nothing starts, work waits, and deleted is gone", async () => {
    await Simulation.of(
      () => 1000,
      async (simulation) => {
        const town = await asleep(simulation);
        await upgrade(town, BREAKS);
        await say(town, "m2");
        await simulation.pass(60_000);
        expect(simulation.machine.stays).toHaveLength(1);
        expect(await record(town, "marked")).toBeUndefined();
        expect((await containerOf(town)).why).toContain("could not be brought up to date");
        const { body } = await call<{ agents: Agent[] }>("GET", `/api/towns/${town}/agents`);
        expect(body.agents).toMatchObject([{ name: "mayor", status: "idle" }]);
        await call("DELETE", `/api/towns/${town}`);
        await simulation.pass(60_000);
        expect(await receiptOf(town)).toMatchObject({ state: "gone" });
      },
    );
  });

  test("U9: of a newer version is not purged by this one: the town's end waits for one that knows it", async () => {
    await Simulation.of(
      () => 1000,
      async (simulation) => {
        const town = await asleep(simulation);
        await upgrade(town, MARKED);
        await say(town, "m2");
        await simulation.pass(3_600_000);
        await upgrade(town);
        await call("DELETE", `/api/towns/${town}`);
        await simulation.pass(60_000);
        const waits = (await receiptOf(town)).finalizers.find(({ name }) => name === "container");
        expect(waits).toMatchObject({
          state: "due",
          reason: `A newer version of Curfew has written this (${VERSION + 1}, marked); this one can't open it.`,
        });
        await upgrade(town, MARKED);
        await simulation.pass(3_600_000);
        expect(await receiptOf(town)).toMatchObject({ state: "gone" });
      },
    );
  });
});

test("U8: a town that can't be opened is no reason for its container to end", async () => {
  await Simulation.of(
    () => 1000,
    async (simulation) => {
      const { town, machine } = simulation;
      await say(town, "m1");
      await simulation.pass(60_000);
      const rooms = RealTown.prototype as unknown as { readonly migrations: Migrations };
      vi.spyOn(rooms, "migrations", "get").mockReturnValue([...TOWN_MIGRATIONS, BREAKS]);
      const reset = runInDurableObject(room.town(town), (_town, state) => state.abort("reset"));
      await expect(reset).rejects.toThrow("reset");
      expect((await call("GET", `/api/towns/${town}`)).status).toBe(503);
      // What the library asks once an hour: whether it may go on.
      await runInDurableObject(room.container(town), (object) =>
        (object as unknown as TownContainer).onActivityExpired(),
      );
      expect(machine.isRunning).toBe(true);
    },
  );
});
