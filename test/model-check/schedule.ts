import * as fc from "fast-check";
import { inside } from "./platform/globals.ts";
import type { Classes } from "./platform/platform.ts";
import { Invariants } from "./invariants.ts";
import { make, move, type Move } from "./moves.ts";
import { checkEnd } from "./quiet.ts";
import type { Setting } from "./scenes.ts";
import { World } from "./world.ts";

/** How a world departs from the fair order: everything else about it is given by that. */
export interface Schedule {
  /** Before which of the moves somebody ends what is to end; if none is left, after them. */
  readonly endAt: number;
  readonly moves: readonly Move[];
}

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  endAt: fc.nat(6),
  moves: fc.array(move, { maxLength: 14, size: "max" }),
});

/** What is to end: the setting's town (or those that were founded meanwhile), or the account. */
export type Ending = "town" | "account";

export interface Options {
  readonly classes?: Classes;
  /** The platform as it was before compatibility date 2026-02-24. */
  readonly isOld?: boolean;
}

/**
 * Runs a schedule: the faults, then everything that was held up, then time until nothing more happens.
 * Returns the log.
 *
 * @throws Violation of an invariant, or of what must be true in the end
 */
export const runSchedule = async (
  setting: Setting,
  ending: Ending,
  { endAt, moves }: Schedule,
  options: Options = {},
): Promise<readonly string[]> => {
  const world = new World(setting.scene, options.classes);
  const { platform, scheduler } = world;
  platform.isOld = options.isOld ?? false;
  const invariants = new Invariants(world);
  const end = (): Promise<void> =>
    scheduler.act("* it shall end", () => {
      void (ending === "account" ? world.closeAccount() : world.closeTown(setting.town ?? world.newest(setting)));
    });
  try {
    await inside(platform, async () => {
      invariants.check([]);
      setting.opening(world);
      for (const [at, next] of moves.entries()) {
        if (at === endAt) await end();
        for (let steps = 0; steps < next.after; steps += 1) await scheduler.step(scheduler.now + 60_000);
        await make(world, setting, next);
      }
      if (moves.length <= endAt) await end();
      await checkEnd(world, invariants, setting, ending);
    });
  } finally {
    platform.close();
  }
  return scheduler.log;
};
