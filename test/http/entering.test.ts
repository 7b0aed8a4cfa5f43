import { expect, it, vi } from "vitest";
import { call, foundTown } from "../rooms/ask.ts";
import { gone } from "../rooms/busy-town.ts";
import { openSocket } from "../rooms/socket.ts";
import { User } from "../rooms/worker.ts";

/** How often the owner's room is asked for the town while `work` goes on. */
const askedIn = async (work: () => Promise<unknown>): Promise<number> => {
  const locate = vi.spyOn(User.prototype, "locate");
  try {
    await work();
    return locate.mock.calls.length;
  } finally {
    locate.mockRestore();
  }
};

it("asks the owner's room once, whatever is wanted of the town, and whatever state it is in", async () => {
  const town = await foundTown();
  expect(await askedIn(() => call("GET", `/api/towns/${town}`))).toBe(1);
  expect(await askedIn(() => call("GET", `/api/towns/${town}/beads`))).toBe(1);
  expect(
    await askedIn(async () => {
      const socket = await openSocket(`/parties/town/${town}`);
      await socket.next();
      socket.close();
    }),
  ).toBe(1);
  await call("DELETE", `/api/towns/${town}`);
  expect(await askedIn(() => call("GET", `/api/towns/${town}`))).toBe(1);
  await gone(town);
  expect(await askedIn(() => call("GET", `/api/towns/${town}`))).toBe(1);
});
