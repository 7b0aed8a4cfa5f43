import { afterEach, expect, test, vi } from "vitest";
import { Simulation } from "../../bench/rooms/simulation.ts";
import type { Town } from "../../src/protocol/town.ts";
import { Town as TownDomain } from "../../src/town/town.ts";
import { call } from "../rooms/ask.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("hole (k): a town that could not hear of its idle container's end is told again, by the container's object alone", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  await Simulation.of(
    () => 1000,
    async (simulation) => {
      const { town, machine } = simulation;
      await call("POST", `/api/towns/${town}/mayor/messages`, { id: "m1", text: "Hello?" });
      await simulation.pass(60_000);
      expect(machine.isRunning).toBe(true);
      vi.spyOn(TownDomain.prototype, "containerStopped").mockImplementationOnce(() => {
        throw new Error("the town was reset");
      });
      machine.exit();
      await simulation.pass(60_000);
      const { body } = await call<Town>("GET", `/api/towns/${town}`);
      expect(body.container.state).toBe("asleep");
    },
  );
});
