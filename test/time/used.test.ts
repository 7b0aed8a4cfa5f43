import { expect, test } from "vitest";
import { used } from "../../bench/rooms/scenarios.ts";

/*
 * A day with eight messages, on every hour from the first to the eighth, and four beads of ten minutes and a
 * half, at half past the odd ones. Half an hour after the last of them the container sleeps, so it is awake in
 * four stretches: from an odd hour's message until half an hour after the next one's, which takes 20 s.
 */

const AWAKE_MINUTES = 4 * (60 + 30 + 20 / 60);

/** Statements of the town's room by alarm, call and message that it got, on the average. */
const STATEMENTS_PER_TICK = 16;

test("on a day of work the container is awake for its reasons and half an hour, and touched for nothing else", async () => {
  const { days, touches } = await used(2);
  const day = days[1];
  if (day === undefined) throw new Error("there is no second day");
  expect(day.starts).toBe(4);
  expect(day.awakeMinutes).toBeGreaterThan(AWAKE_MINUTES);
  expect(day.awakeMinutes).toBeLessThan(AWAKE_MINUTES + 1);
  expect(touches).toEqual({ check: 1, message: 1 + 2 * 8, work: 2 * 4, merge: 2 * 4, stop: 1 + 2 * 4 });
  // The library looks at the door before each order, and twice when it starts.
  const orders = 8 + 4 + 4;
  expect(day.containerRequests).toBeLessThanOrEqual(2 * orders + day.starts);

  const { alarms, requests, socketMessages, statements } = day.tallies.town;
  expect(statements / (alarms + requests + socketMessages)).toBeLessThanOrEqual(STATEMENTS_PER_TICK);
});
