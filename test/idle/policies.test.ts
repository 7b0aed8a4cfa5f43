import { describe, expect, test } from "vitest";
import { type ModelDay, POLICIES, simulate, type Work } from "../../bench/idle/policies.ts";
import { BILLED, costOf } from "../../bench/idle/prices.ts";

/** A rig was checked, and the mayor talked to once. */
const WORK: readonly Work[] = [
  { from: 0, to: 3000 },
  { from: 60_000, to: 80_000 },
];

/** The third day of a town under the policy whose name begins so. */
const idleDay = (name: string): ModelDay => {
  const policy = POLICIES.find((policy) => policy.name.startsWith(name));
  const day = policy && simulate(policy, WORK, 3)[2];
  if (day === undefined) throw new Error(`there is no policy ${name}`);
  return day;
};

const DAY_MS = 86_400_000;

describe("the models of the reports' policies do what the reports say", () => {
  test("1450: a mayor that always works is asked every 5 s, and its container never sleeps", () => {
    const { alarms, containerRequests, awakeMs } = idleDay("1450");
    expect(alarms).toBe(DAY_MS / 5000);
    expect(containerRequests).toBeGreaterThanOrEqual(2 * alarms);
    expect(awakeMs).toBe(DAY_MS);
  });

  test("1409: an idle town refreshes the token every minute, and its container never sleeps", () => {
    const { alarms, containerRequests, awakeMs, starts } = idleDay("1409");
    expect({ alarms, containerRequests, awakeMs, starts }).toEqual({
      alarms: 24 * 60,
      containerRequests: 2 * 24 * 60,
      awakeMs: DAY_MS,
      starts: 0,
    });
  });

  test("1975: the hourly refresh wakes the container for half of the time", () => {
    const { alarms, awakeMs, starts } = idleDay("1975: alarm");
    expect({ alarms, awakeMs, starts }).toEqual({ alarms: 24 * 12, awakeMs: DAY_MS / 2, starts: 24 });
  });

  test("1975, option A: the container stays asleep, and the alarm goes on every five minutes", () => {
    expect(idleDay("1975, option A")).toMatchObject({
      alarms: 24 * 12,
      containerRequests: 0,
      starts: 0,
      awakeMs: 0,
    });
  });
});

describe("the price", () => {
  const nothing = { events: 0, socketMessages: 0, rowsRead: 0, rowsWritten: 0, awakeSeconds: 0 };

  test("of nothing is nothing", () => {
    expect(costOf(nothing)).toBe(0);
  });

  test("of a container that never sleeps is its memory, its disk and the object above it", () => {
    const seconds = 30 * 86_400;
    const memory = BILLED.memoryGib * 0.0000025 * seconds;
    const disk = BILLED.diskGb * 0.00000007 * seconds;
    const object = (0.128 * seconds * 12.5) / 1e6;
    expect(costOf({ ...nothing, awakeSeconds: seconds })).toBeCloseTo(memory + disk + object, 6);
  });

  test("of a million rows written is a dollar, of a million requests 15 cents and their time", () => {
    expect(costOf({ ...nothing, rowsWritten: 1e6 })).toBeCloseTo(1, 6);
    const time = (1e6 * BILLED.secondsPerEvent * 0.128 * 12.5) / 1e6;
    expect(costOf({ ...nothing, events: 1e6 })).toBeCloseTo(0.15 + time, 6);
  });
});
