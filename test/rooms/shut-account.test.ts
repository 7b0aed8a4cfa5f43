import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { Migration } from "../../src/storage/migrations.ts";
import { call } from "./ask.ts";
import { TOMBSTONE } from "./busy-town.ts";
import { forgets, knows, version } from "./histories.ts";
import { room } from "./rooms.ts";
import { idleTown } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";

afterEach(() => vi.restoreAllMocks());

const NOTES: Migration = { name: "notes", up: ["CREATE TABLE notes (text TEXT)"] };
const NEWER = `A newer version of Curfew has written this (${version("User", 1)}, notes); this one can't open it.`;

describe("a user's room that can't be opened", () => {
  it("U6, U8: says so, is not ended, and nothing of it is swept", async () => {
    const town = await idleTown();
    knows("User", NOTES);
    await evictDurableObject(room.user("owner"));
    await call("GET", "/api/towns");
    forgets("User");
    await evictDurableObject(room.user("owner"));
    const refused = { status: 503, body: { kind: "unavailable", detail: NEWER } };
    expect(await call("DELETE", "/api/me")).toMatchObject(refused);
    expect(await call("GET", "/api/towns")).toMatchObject(refused);
    const socket = await openSocket("/parties/user/owner");
    expect(await socket.closed).toEqual({ code: CloseCode.tryAgain, reason: NEWER });

    vi.spyOn(console, "error").mockReturnValue();
    const swept = { status: 200, body: { examined: 1, healed: 0, skipped: 0, errors: 1 } };
    expect(await call("POST", "/api/admin/sweep")).toMatchObject(swept);
    const orphans = await call("POST", "/api/admin/orphans", { ids: [town], destroy: true });
    expect(orphans.body).toMatchObject({ findings: [{ standing: "unknown", detail: NEWER, ended: null }] });
    expect((await room.town(town).probe()).vital).toBe("alive");

    await evictDurableObject(room.user("owner"));
    knows("User", NOTES);
    expect(await call("GET", "/api/towns")).toMatchObject({ status: 200 });
  });

  it("U9: because a migration throws holds up no end of the account", async () => {
    knows("User", NOTES);
    const town = await idleTown();
    knows("User", NOTES, { name: "breaks", up: ["CREATE TABLE towns (id TEXT)"] });
    await evictDurableObject(room.user("owner"));
    expect(await call("GET", `/api/towns/${town}`)).toMatchObject({ status: 503 });
    const end = () => room.user("owner").destroy({ cause: "the account was closed" });
    await soon(async () => expect(await end()).toMatchObject({ state: "gone" }));
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  });
});
