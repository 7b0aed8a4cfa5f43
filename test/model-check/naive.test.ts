import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NAIVE } from "./naive.ts";
import { busyTown } from "./scenes.ts";
import { runSchedule, schedule, type Schedule } from "./schedule.ts";

/** Always the same: it is the checker that is tested here. */
const SEED = 1182;
/** What is wrong with the rooms is found within so many schedules … */
const SCHEDULES = 100;
/** … and told by so few departures from the fair order. */
const MOVES = 8;

test.each(Object.entries(NAIVE))("the checker works: it catches %s", async (_cause, naive) => {
  const setting = await busyTown();
  const property = fc.asyncProperty(
    schedule,
    async (drawn) => void (await runSchedule(setting, "town", drawn, naive)),
  );
  const found = await fc.check(property, { numRuns: SCHEDULES, seed: SEED });
  expect(found.failed, "nothing was found").toBe(true);
  expect(String(found.errorInstance)).toMatch(/^Violation: /);
  const [{ moves }] = found.counterexample as [Schedule];
  expect(moves.length).toBeLessThanOrEqual(MOVES);
});

test("and it lets the same schedules of Curfew's own rooms pass", async () => {
  const setting = await busyTown();
  for (const drawn of fc.sample(schedule, { numRuns: SCHEDULES, seed: SEED }))
    await expect(runSchedule(setting, "town", drawn)).resolves.toContain("* it shall end");
});
