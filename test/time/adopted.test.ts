import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { Simulation } from "../../bench/rooms/simulation.ts";
import type { Town } from "../../src/protocol/town.ts";
import { call } from "../rooms/ask.ts";
import { room } from "../rooms/rooms.ts";

const say = (town: string, id: string): Promise<unknown> =>
  call("POST", `/api/towns/${town}/mayor/messages`, { id, text: "Hello?" });

/* A promise that nobody hears reject fails this file: the library makes one if the Worker lacks its proxy. */
test("C2: a container's object that is reset while its container runs adopts it without a fault, and lets it sleep", async () => {
  await Simulation.of(
    () => 1000,
    async (simulation) => {
      const { town, machine } = simulation;
      await say(town, "m1");
      await simulation.pass(60_000);
      const reset = runInDurableObject(room.container(town), (_object, state) => state.abort("reset"));
      await expect(reset).rejects.toThrow("reset");
      await say(town, "m2");
      await simulation.pass(60_000);
      expect(machine.stays).toMatchObject([{ life: 1, to: null }]);
      await simulation.endDay();
      expect(machine.stays).toMatchObject([{ life: 1, exitCode: 0 }]);
      const { body } = await call<Town>("GET", `/api/towns/${town}`);
      expect(body.container).toMatchObject({ state: "asleep", touches: expect.anything() });
    },
  );
});
