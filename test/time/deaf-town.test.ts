import { afterEach, expect, test, vi } from "vitest";
import { call } from "../rooms/ask.ts";
import { Simulation } from "../../bench/rooms/simulation.ts";
import { noTally } from "../../bench/idle/lived.ts";
import type { Town } from "../../src/protocol/town.ts";
import { Town as TownDomain } from "../../src/town/town.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/*
 * The container's object above a Town that fails. It has an alarm of its own, the library's, and is the last that can
 * end a container which nobody else ends.
 */

const greet = async ({ town }: Simulation): Promise<void> => {
  const { status } = await call("POST", `/api/towns/${town}/mayor/messages`, { id: "m1", text: "Hello?" });
  expect(status).toBe(202);
};

const containerOf = async ({ town }: Simulation): Promise<Town["container"]> =>
  (await call<Town>("GET", `/api/towns/${town}`)).body.container;

test("C11: an exit that its town never takes is told again ever more seldom, once an hour in the end", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const deaf = vi.spyOn(TownDomain.prototype, "containerStopped").mockImplementation(() => {
    throw new Error("the town is broken");
  });
  await Simulation.of(
    () => 1000,
    async (simulation) => {
      const { town, machine } = simulation;
      const { status } = await call("POST", `/api/towns/${town}/mayor/messages`, {
        id: "m1",
        text: "Hello?",
      });
      expect(status).toBe(202);
      await simulation.pass(60_000);
      expect(machine.isRunning).toBe(true);
      machine.exit();
      await simulation.endDay();
      const { tallies } = await simulation.endDay();
      expect(tallies.container.alarms).toBeGreaterThanOrEqual(24);
      expect(tallies.container.alarms).toBeLessThanOrEqual(25);

      deaf.mockRestore();
      await simulation.endDay();
      const quiet = await simulation.endDay();
      expect(quiet.tallies.container.alarms).toBe(0);
      expect((await containerOf(simulation)).state).toBe("asleep");
    },
  );
});

test("C8: a container whose town never stops it ends at the end of its longest life all the same", async () => {
  vi.spyOn(TownDomain.prototype, "onAlarm").mockResolvedValue();
  await Simulation.of(
    () => 1000,
    async (simulation) => {
      const { machine } = simulation;
      await greet(simulation);
      await simulation.endDay();
      expect(machine.isRunning).toBe(true);
      await simulation.pass(2 * 3_600_000);
      expect(machine.isRunning).toBe(false);
      expect(await containerOf(simulation)).toMatchObject({ state: "asleep", life: 1 });
    },
  );
});

test("a container that never starts is given up, and then nothing of its town has an alarm, its object neither", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  await Simulation.of(
    () => 1000,
    async (simulation) => {
      simulation.machine.failingStarts = Number.POSITIVE_INFINITY;
      await greet(simulation);
      const first = await simulation.endDay();
      expect(first.starts).toBe(5);
      const { tallies } = await simulation.endDay();
      const nothing = noTally();
      expect(tallies).toEqual({ user: nothing, town: nothing, agent: nothing, container: nothing });
      expect(await containerOf(simulation)).toMatchObject({ state: "asleep", life: 5 });
    },
  );
});
