import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { ask, call, foundTown } from "../rooms/ask.ts";
import { gone, TOMBSTONE } from "../rooms/busy-town.ts";
import { room } from "../rooms/rooms.ts";
import { openSocket } from "../rooms/socket.ts";

it("R15, R16: closing the account ends every town first, and nothing lets anybody in again", async () => {
  const before = await foundTown("Ash");
  await call("DELETE", `/api/towns/${before}`);
  await gone(before);
  const towns = [await foundTown("Elm"), await foundTown("Oak")];
  expect((await call("GET", "/api/me/receipt")).status).toBe(404);
  const page = await openSocket("/parties/user/owner");

  const closed = await call<Receipt>("DELETE", "/api/me");
  expect(closed).toMatchObject({ status: 202, body: { state: "gone", cause: "the account was closed" } });
  expect(closed.body.finalizers.map(({ name, state, detail }) => [name, state, detail])).toEqual([
    ["sockets", "done", "1 socket"],
    ["children", "done", "3 towns"],
    ["self", "done", null],
  ]);

  expect(await page.closed).toMatchObject({ code: CloseCode.gone });
  expect(await room.user("owner").probe()).toMatchObject(TOMBSTONE);
  // Its towns' names have gone with it, that of the one that ended long before, too.
  for (const town of [before, ...towns]) {
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await room.agent(town, "mayor").probe()).toMatchObject(TOMBSTONE);
    const row = await env.LEDGER.prepare("SELECT name, state, receipt FROM towns WHERE id = ?")
      .bind(town)
      .first();
    expect(row).toMatchObject({
      name: "",
      state: "gone",
      receipt: expect.stringContaining('"state":"gone"'),
    });
  }
  expect(await call("POST", "/api/towns", { name: "Ash" })).toMatchObject({
    status: 410,
    body: { detail: "This account is closed and can't come back.", receipt: "/api/me/receipt" },
  });
  expect(await room.user("owner").probe()).toMatchObject(TOMBSTONE);

  // Whoever runs the instance may go on looking, and sweeping.
  expect(await call("GET", "/api/me/receipt")).toMatchObject({
    status: 200,
    body: { state: "gone", room: "User owner", finalizers: closed.body.finalizers },
  });
  expect(await call("GET", "/api/admin/rooms/User/owner")).toMatchObject({ status: 200, body: TOMBSTONE });
  for (const town of towns)
    expect(await call("GET", `/api/admin/rooms/Town/${town}`)).toMatchObject({
      status: 200,
      body: TOMBSTONE,
    });
  expect(await call("POST", "/api/admin/sweep")).toMatchObject({ status: 200, body: { errors: 0 } });
  expect(await call("POST", "/api/admin/orphans", { ids: towns, destroy: false })).toMatchObject({
    status: 200,
    body: { findings: [{ standing: "tombstone" }, { standing: "tombstone" }] },
  });

  // A browser that opens the sign-in link once more is sent to the page, which says it.
  const link = `/?token=${encodeURIComponent(env.CURFEW_TOKEN)}`;
  const browser = await ask(link, { headers: { accept: "text/html,*/*" }, redirect: "manual" });
  expect([browser.status, browser.headers.get("location")]).toEqual([303, "/"]);
  expect((await ask(link, { redirect: "manual" })).status).toBe(410);
  expect(await room.user("owner").probe()).toMatchObject(TOMBSTONE);
});
