import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { call, foundTown } from "../rooms/ask.ts";
import { TOMBSTONE } from "../rooms/busy-town.ts";
import { room } from "../rooms/rooms.ts";
import { openSocket } from "../rooms/socket.ts";

it("R15, R16: closing the account ends every town first, and nothing lets anybody in again", async () => {
  const towns = [await foundTown("Elm"), await foundTown("Oak")];
  const page = await openSocket("/parties/user/owner");

  const closed = await call<Receipt>("DELETE", "/api/me");
  expect(closed).toMatchObject({ status: 202, body: { state: "gone", cause: "the account was closed" } });
  expect(closed.body.finalizers.map(({ name, state, detail }) => [name, state, detail])).toEqual([
    ["sockets", "done", "1 socket"],
    ["children", "done", "2 towns"],
    ["self", "done", null],
  ]);

  expect(await page.closed).toMatchObject({ code: CloseCode.gone });
  expect(await room.user("owner").probe()).toMatchObject(TOMBSTONE);
  for (const town of towns) {
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await room.agent(town, "mayor").probe()).toMatchObject(TOMBSTONE);
    const row = await env.LEDGER.prepare("SELECT state, receipt FROM towns WHERE id = ?").bind(town).first();
    expect(row).toMatchObject({ state: "gone", receipt: expect.stringContaining('"state":"gone"') });
  }
  expect((await call("POST", "/api/towns", { name: "Ash" })).status).toBe(410);
  expect(await room.user("owner").probe()).toMatchObject(TOMBSTONE);
});
