import * as fc from "fast-check";
import { inject } from "vitest";
import { commands } from "./draw.ts";
import { checkEnd } from "./end.ts";
import { newModel } from "./model.ts";
import { SCENES, type Scene } from "./scenes.ts";
import { World } from "./world.ts";

/**
 * The real rooms in workerd, with the real container library, told to do whatever people, the platform and the
 * container may do, in any order and while the rest is still under way. A small model says what every town must be
 * by now; invariants.ts is what holds after every command, end.ts what must be true when the faults are over.
 *
 * A failure names its seed, its path and the fewest commands that still lead there. CURFEW_SEED and
 * CURFEW_SCHEDULES run others.
 *
 * @param scenes where schedules begin
 * @param share how many of all schedules, from 0 to 1
 * @throws Error with the counterexample
 */
export const runSchedules = async (scenes: readonly Scene[], share: number): Promise<void> => {
  const drawn = [fc.constantFrom(...scenes), commands, fc.boolean()] as const;
  const property = fc.asyncProperty(...drawn, (scene, steps, endsAll) =>
    World.during(async (world) => {
      const model = newModel();
      for (const command of SCENES[scene]) await command.run(model, world);
      await fc.asyncModelRun(() => ({ model, real: world }), steps);
      await checkEnd(model, world, endsAll);
    }),
  );
  const numRuns = Math.ceil(inject("schedules") * share);
  await fc.assert(property, { numRuns, seed: inject("seed") });
};

declare module "vitest" {
  interface ProvidedContext {
    readonly schedules: number;
    readonly seed: number;
  }
}
