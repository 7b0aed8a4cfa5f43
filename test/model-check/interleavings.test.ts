import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Ending } from "./quiet.ts";
import { busyTown, ownerWithIdleTown, wakingTown, type Setting } from "./scenes.ts";
import { runSchedule, schedule } from "./schedule.ts";
import { SCHEDULES, SEED } from "./settings.ts";

/*
 * Whatever order things happen in, whatever is lost, late or said twice, and whoever is lost at which
 * await: the invariants hold at every step (invariants.ts), and once the faults are over everything that
 * has to end has ended, and nothing else (quiet.ts). These are Curfew's own rooms, on a platform that
 * does what the schedule says.
 *
 * A failure names its seed, its path and the fewest departures from the fair order that still lead there.
 * CURFEW_SEED and CURFEW_SCHEDULES run others.
 */
const CASES: readonly (readonly [string, () => Promise<Setting>, Ending, number])[] = [
  ["a town at work is deleted", busyTown, "town", 0.4],
  ["a town is deleted while its container wakes", wakingTown, "town", 0.28],
  ["a town is deleted while it is founded", ownerWithIdleTown, "town", 0.15],
  ["the account of a town at work is closed", busyTown, "account", 0.16],
  ["a town at work is left alone", busyTown, "nothing", 0.01],
];

test.each(CASES)(
  "whatever happens meanwhile, when %s, the rules of life and death hold (R1–R18, C2, C10)",
  async (_when, setUp, ending, share) => {
    const setting = await setUp();
    const numRuns = Math.ceil(SCHEDULES * share);
    const property = fc.asyncProperty(
      schedule,
      async (drawn) => void (await runSchedule(setting, ending, drawn)),
    );
    await fc.assert(property, { numRuns, seed: SEED });
  },
);

test("the same schedule gives the same log", async () => {
  const setting = await busyTown();
  for (const drawn of fc.sample(schedule, { numRuns: 100, seed: SEED }))
    expect(await runSchedule(setting, "town", drawn)).toEqual(await runSchedule(setting, "town", drawn));
});

test("the schedules reach what they are there for", async () => {
  const reached = new Set<string>();
  const WORTH_REACHING: readonly [string, RegExp][] = [
    ["a town is lost while it ends", /^\* Town \w+ is lost, and \d+ of its writes$/],
    ["a write is lost with it", /^\* Town \w+ is lost, and [1-9]\d* of its writes$/],
    ["a container's object is lost", /^\* TownContainer \w+ is lost/],
    ["a kill is lost", /^lost: .*: kill$/],
    ["a receipt is lost on its way", /^lost: .*: noteReceipt$/],
    ["an order comes again", /^\* again: TownContainer \w+: order$/],
    ["a founding comes again", /^\* again: Town \w+: found$/],
    ["a purge is held up", /^held: .*: purge$/],
    ["an answer is held up", /^held: answer to .*: destroy$/],
    ["a finalizer runs into its deadline", /^timer of Town \w+ \(60000 ms\)$/],
    ["the sweep closes a town", /^sweep → User owner: closeTown$/],
    ["a container dies by itself", /^\* the container of \w+ dies$/],
    ["everything restarts", /^\* everything restarts$/],
  ];
  const setting = await busyTown();
  for (const drawn of fc.sample(schedule, { numRuns: 1000, seed: SEED }))
    for (const line of await runSchedule(setting, "town", drawn))
      for (const [what, pattern] of WORTH_REACHING) if (pattern.test(line)) reached.add(what);
  expect([...reached].toSorted()).toEqual(WORTH_REACHING.map(([what]) => what).toSorted());
});
