import * as fc from "fast-check";
import { inside } from "./platform/globals.ts";
import type { Classes } from "./platform/platform.ts";
import { Invariants } from "./invariants.ts";
import { make, move, type Move } from "./moves.ts";
import { checkEnd, checkHealth, type Ending } from "./quiet.ts";
import type { Setting } from "./scenes.ts";
import { World } from "./world.ts";

/** How a world departs from the fair order: everything else about it follows from that. */
export interface Schedule {
  /** Before which of the moves somebody ends what is to end; if there are fewer, after them. */
  readonly endAt: number;
  readonly moves: readonly Move[];
}

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  endAt: fc.nat(6),
  moves: fc.array(move, { maxLength: 14, size: "max" }),
});

export interface Options {
  /** Other classes than Curfew's own. */
  readonly classes?: Classes;
  /** The platform as it was before compatibility date 2026-02-24. */
  readonly isOld?: boolean;
}

/** A world that begins with the setting, watched by the invariants. Nothing is left of it afterwards. */
export const withWorld = async <T>(
  setting: Setting,
  work: (world: World, invariants: Invariants) => Promise<T>,
  { classes, isOld = false }: Options = {},
): Promise<T> => {
  const world = new World(setting.scene, classes);
  world.platform.isOld = isOld;
  try {
    return await inside(world.platform, () => work(world, new Invariants(world)));
  } finally {
    world.platform.close();
  }
};

/** Somebody ends what is to end, and doesn't wait for it. */
export const end = (world: World, setting: Setting, ending: Ending): Promise<void> =>
  world.scheduler.act("* it shall end", () => {
    if (ending === "account") void world.closeAccount();
    if (ending === "town") void world.closeTown(setting.town ?? world.newest(setting));
  });

/**
 * Runs a schedule: the faults, then everything that was held up, then time until nothing more happens.
 * Returns the log.
 *
 * @throws Violation of an invariant, or of what must be true in the end
 */
export const runSchedule = (
  setting: Setting,
  ending: Ending,
  { endAt, moves }: Schedule,
  options: Options = {},
): Promise<readonly string[]> =>
  withWorld(
    setting,
    async (world, invariants) => {
      const { scheduler } = world;
      setting.opening(world);
      for (const [at, next] of moves.entries()) {
        if (at === endAt) await end(world, setting, ending);
        for (let steps = 0; steps < next.after; steps += 1) await scheduler.step(scheduler.now + 60_000);
        await make(world, setting, next);
      }
      if (moves.length <= endAt) await end(world, setting, ending);
      await checkEnd(world, invariants, setting, ending);
      // It is a good part of a schedule, and seldom told by which.
      if (moves.length % 4 === 0) await checkHealth(world, invariants);
      return scheduler.log;
    },
    options,
  );
