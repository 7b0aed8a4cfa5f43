import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { call, foundTown } from "./ask.ts";
import { busyTown, TOMBSTONE } from "./busy-town.ts";
import { ring, takeClock } from "./clock.ts";
import { ledgerState, loseLedger } from "./lost-ledger.ts";
import { room } from "./rooms.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";

beforeEach(() => vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

// One test: a closed account stays closed, and this instance has no other.
it("R15–R17: closing an account ends every town, waits for the ledger to keep their receipts, and is for good", async () => {
  const { town: busy, agents } = await busyTown();
  const other = await foundTown("Oak");
  const page = await openSocket("/parties/user/owner");
  takeClock();
  const giveBack = await loseLedger();

  const { status, body: first } = await call<Receipt>("DELETE", "/api/me");
  expect(status).toBe(202);
  expect(first).toMatchObject({ room: "User owner", state: "closing", cause: "the account was closed" });
  expect(await page.closed).toMatchObject({ code: 4410 });
  const { receipt } = await room.user("owner").probe();
  expect(receipt?.finalizers).toContainEqual(
    expect.objectContaining({
      name: "children",
      state: "due",
      reason: expect.stringContaining("no such table"),
    }),
  );
  for (const town of [busy, other]) expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  for (const name of agents) expect(await room.agent(busy, name).probe()).toMatchObject(TOMBSTONE);
  // Asked again, it says what it waits for.
  expect(await call<object>("DELETE", "/api/me")).toMatchObject({
    status: 202,
    body: {
      state: "closing",
      finalizers: expect.arrayContaining([
        expect.objectContaining({ name: "children", reason: expect.stringContaining("no such table") }),
      ]),
    },
  });

  await giveBack();
  await ring(room.user("owner"));
  expect(await room.user("owner").probe()).toMatchObject(TOMBSTONE);
  for (const town of [busy, other]) expect(await ledgerState(town)).toBe("gone");

  const before = await stored(room.user("owner"));
  for (const [method, path] of [
    ["POST", "/api/towns"],
    ["GET", "/api/towns"],
    ["DELETE", `/api/towns/${busy}`],
    ["GET", `/api/towns/${busy}/receipt`],
  ] as const)
    expect(await call(method, path, method === "POST" ? { name: "Again" } : undefined)).toMatchObject({
      status: 410,
    });
  const again = await call<Receipt>("DELETE", "/api/me");
  expect(again).toMatchObject({ status: 202, body: { state: "gone", startedAt: first.startedAt } });
  expect((await call<Receipt>("DELETE", "/api/me")).body).toEqual(again.body);
  // A stale tab is told so, and stops: an HTTP status is an anonymous 1006 to a page, and it would dial for ever.
  for (const path of ["user/owner", `town/${busy}`, `agent/${busy}.mayor`])
    expect(await (await openSocket(`/parties/${path}`)).closed).toMatchObject({ code: 4410 });
  expect(await stored(room.user("owner"))).toEqual(before);
  await soon(async () => expect((await room.user("owner").probe()).alarm).toBeNull());
});
