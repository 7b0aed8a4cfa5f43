import { expect, test } from "vitest";
import { leftAlone, watched } from "../../bench/rooms/scenarios.ts";
import { type Day, noTally, sum } from "../../bench/idle/lived.ts";

/*
 * The town of these tests was founded, has one rig, and its mayor was talked to once; then it is left. All
 * of it is real but the machine below the container library and the clock.
 */

const HOUR_MS = 3_600_000;
const DAYS = 31;

/** On the first day the container ran once: the check and the message, and half an hour after these. */
const expectOneStay = (day: Day | undefined): void => {
  expect(day).toMatchObject({ starts: 1 });
  expect(day?.awakeMinutes).toBeGreaterThan(31);
  expect(day?.awakeMinutes).toBeLessThan(32);
};

const REASONS = { check: 1, message: 1, stop: 1 };

test("an idle town costs nothing for 30 days: no alarm, no request, no start, no row, in any of its rooms", async () => {
  const { days, touches } = await leftAlone(DAYS);
  const [first, ...rest] = days;
  expectOneStay(first);
  expect(rest).toHaveLength(30);
  const nothing = { user: noTally(), town: noTally(), agent: noTally(), container: noTally() };
  for (const day of rest)
    expect(day).toEqual({ tallies: nothing, containerRequests: 0, starts: 0, awakeMinutes: 0 });
  expect(touches).toEqual(REASONS);
});

test("ten pages that are open on it, and reconnect, touch no container and write nothing", async () => {
  const { days, touches } = await watched(DAYS, 4 * HOUR_MS);
  const [first, ...rest] = days;
  expectOneStay(first);
  for (const { tallies, containerRequests, starts, awakeMinutes } of rest) {
    expect(tallies.container).toEqual(noTally());
    expect({ containerRequests, starts, awakeMinutes }).toEqual({
      containerRequests: 0,
      starts: 0,
      awakeMinutes: 0,
    });
    const rooms = sum([tallies.user, tallies.town, tallies.agent]);
    expect(rooms).toMatchObject({ alarms: 0, rowsWritten: 0, socketMessages: 0 });
    // Six times a day, ten pages with a socket to each room.
    expect([tallies.town.requests, tallies.agent.requests]).toEqual([60, 60]);
  }
  expect(touches).toEqual(REASONS);
});
