import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { OrphanFinding } from "../../src/protocol/orphans.ts";
import type { Migration } from "../../src/storage/migrations.ts";
import { call, receiptOf } from "./ask.ts";
import { gone, TOMBSTONE } from "./busy-town.ts";
import { ring, takeClock } from "./clock.ts";
import { asBefore, forgets, knows, version } from "./histories.ts";
import { room } from "./rooms.ts";
import { idleTown } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Agent } from "./worker.ts";
import { FIRST_PAGE } from "../../src/protocol/page.ts";

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const MINUTE_MS = 60_000;
const NOTES: Migration = { name: "notes", up: ["CREATE TABLE notes (text TEXT)"] };
/** Writes to tables and records before it throws. */
const BREAKS: Migration = {
  name: "breaks",
  up: ({ sql, kv }) => {
    sql.run("DELETE FROM activity");
    sql.run("DROP TABLE touches");
    kv.put("town", { name: "Half" });
    throw new Error("column secret_plan is missing");
  },
};
const FAILS = `This could not be brought up to date (to version ${version("Town", 2)}); it is tried again.`;
const newer = (of: "Town" | "Agent"): string =>
  `A newer version of Curfew has written this (${version(of, 1)}, notes); this one can't open it.`;
const NEWER = newer("Town");

const destroyed = (town: string): Promise<unknown> =>
  room
    .town(town)
    .destroy({ cause: "deleted" })
    .catch((error: unknown) => error);

/** A town whose next migration throws. */
const failingTown = async (): Promise<string> => {
  const town = await idleTown();
  knows("Town", NOTES, BREAKS);
  await evictDurableObject(room.town(town));
  return town;
};

/** A town that a newer build has written. */
const newerTown = async (): Promise<string> => {
  knows("Town", NOTES);
  const town = await idleTown();
  forgets("Town");
  await evictDurableObject(room.town(town));
  return town;
};

const KINDS = [
  ["whose migration throws", failingTown, FAILS],
  ["that a newer version has written", newerTown, NEWER],
] as const;

describe.each(KINDS)("a room %s", (_, make, sentence) => {
  const unavailable = { status: 503, body: { kind: "unavailable", detail: sentence } };

  it("U4, U6: says so to whoever comes, and stays as it was", async () => {
    const town = await make();
    const before = await stored(room.town(town));

    for (const path of ["", "/beads", "/agents", "/rigs"])
      expect(await call("GET", `/api/towns/${town}${path}`)).toMatchObject(unavailable);
    expect(await call("PATCH", `/api/towns/${town}`, { name: "Oak" })).toMatchObject(unavailable);
    const { status, body } = unavailable;
    expect(await room.town(town).mayRun(1)).toMatchObject({ ok: false, problem: body });
    const response = await room.town(town).fetch("http://room/");
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body });
    const socket = await openSocket(`/parties/town/${town}`);
    expect(await socket.closed).toEqual({ code: CloseCode.tryAgain, reason: sentence });

    expect(await stored(room.town(town))).toEqual(before);
  });

  it("U6: closes a socket that was open before when it speaks", async () => {
    const town = await idleTown();
    const socket = await openSocket(`/parties/town/${town}`);
    await socket.next();
    if (make === newerTown) {
      knows("Town", NOTES);
      await evictDurableObject(room.town(town));
      await room.town(town).describe();
      forgets("Town");
    } else knows("Town", NOTES, BREAKS);
    await evictDurableObject(room.town(town));
    socket.send({ type: "what?" });
    expect(await socket.closed).toEqual({ code: CloseCode.tryAgain, reason: sentence });
  });

  it("U7: sets its alarm again, ever more seldom, and writes nothing else", async () => {
    const town = await make();
    await runInDurableObject(room.town(town), (_room, { storage }) => storage.setAlarm(Date.now() + 600_000));
    const before = await stored(room.town(town));
    takeClock();
    const waits: number[] = [];
    for (let rang = await ring(room.town(town)), n = 0; n < 9; n += 1) {
      const { alarm } = await stored(room.town(town));
      waits.push(Math.floor(((alarm ?? 0) - Math.max(rang, Date.now())) / MINUTE_MS));
      rang = alarm ?? 0;
      vi.setSystemTime(rang);
      // By the runtime's own word, in a new instance: nobody remembers how often it has rung in vain.
      await evictDurableObject(room.town(town));
      await runInDurableObject(room.town(town), async (instance, { storage }) => {
        await storage.deleteAlarm();
        await instance.alarm({ isRetry: false, retryCount: 0, scheduledTime: rang });
      });
    }
    expect(waits.map((wait) => Math.min(wait, 59))).toEqual([1, 2, 4, 8, 16, 32, 59, 59, 59]);
    const { alarm } = await stored(room.town(town));
    expect((alarm ?? 0) - Date.now()).toBeLessThanOrEqual(60 * MINUTE_MS);
    expect(await stored(room.town(town))).toEqual({ ...before, alarm });
  });

  it("U7: has no alarm if it had none", async () => {
    const town = await make();
    await room.town(town).describe();
    expect((await stored(room.town(town))).alarm).toBeNull();
  });

  it("U8: is neither unclaimed nor gone for the sweeps", async () => {
    const town = await make();
    const examined = async (id: string): Promise<unknown> =>
      (await call<{ findings: OrphanFinding[] }>("POST", "/api/admin/orphans", { ids: [id], destroy: true }))
        .body.findings;
    expect(await examined(town)).toMatchObject([{ standing: "claimed", ended: null }]);
    expect(await call("POST", "/api/admin/sweep")).toMatchObject({ status: 200 });
    expect((await room.town(town).probe()).vital).toBe("alive");
    // Its agents are asked of it, and it can't say: that is no reason to end them.
    const mayor = env.Agent.idFromName(`${town}.mayor`).toString();
    expect(await examined(mayor)).toMatchObject([{ standing: "unknown", detail: sentence, ended: null }]);
    expect((await room.agent(town, "mayor").probe()).vital).toBe("alive");
  });
});

describe("a migration that throws", () => {
  it("U7: is told by the runtime's own alarm how often that has rung in vain", async () => {
    const town = await failingTown();
    // As it was set after the third time: on a whole second, and three milliseconds.
    const at = Math.ceil(Date.now() / 1000) * 1000 + 3;
    await runInDurableObject(room.town(town), (_room, { storage }) => storage.setAlarm(at));
    await soon(async () => expect((await stored(room.town(town))).alarm).toBeGreaterThan(at));
    const { alarm } = await stored(room.town(town));
    expect(Math.floor(((alarm ?? 0) - at) / MINUTE_MS)).toBe(8);
  });

  it("U3: is told by a look, with its reason", async () => {
    const town = await failingTown();
    const { schema } = await room.town(town).probe();
    const shut = "column secret_plan is missing";
    expect(schema).toMatchObject({ version: version("Town"), standing: "older", shut });
  });

  it("U9: holds up no end: deleted is gone", async () => {
    const town = await failingTown();
    expect(await call("GET", `/api/towns/${town}`)).toMatchObject({ status: 503 });
    expect(await call("DELETE", `/api/towns/${town}`)).toMatchObject({ status: 202 });
    expect(await gone(town)).toMatchObject({ agents: 1 });
    expect(await room.town(town).probe()).toMatchObject({ ...TOMBSTONE, schema: null });
    expect(await room.agent(town, "mayor").probe()).toMatchObject(TOMBSTONE);
  });

  it("U4: is tried again a minute later, and once it is mended all goes on", async () => {
    const town = await failingTown();
    expect(await call("GET", `/api/towns/${town}`)).toMatchObject({ status: 503 });
    knows("Town", NOTES);
    expect(await call("GET", `/api/towns/${town}`)).toMatchObject({ status: 503 });
    takeClock(MINUTE_MS + 1);
    expect(await call("GET", `/api/towns/${town}`)).toMatchObject({ status: 200, body: { name: "Elm" } });
  });
});

describe("a room that a newer version has written", () => {
  it("U9: isn't ended by this one, which doesn't know all of it; it is by one that does", async () => {
    const town = await newerTown();
    const before = await stored(room.town(town));
    expect(await call("DELETE", `/api/towns/${town}`)).toMatchObject({
      status: 503,
      body: { kind: "unavailable", detail: NEWER },
    });
    expect(await destroyed(town)).toMatchObject({ problem: { kind: "unavailable", detail: NEWER } });
    expect(await stored(room.town(town))).toEqual(before);

    knows("Town", NOTES);
    expect(await call("DELETE", `/api/towns/${town}`)).toMatchObject({ status: 202 });
    await gone(town);
  });

  it("U9: is waited for by the end of what it belongs to", async () => {
    const town = await idleTown();
    knows("Agent", NOTES);
    await evictDurableObject(room.agent(town, "mayor"));
    await room.agent(town, "mayor").transcript(null, FIRST_PAGE);
    forgets("Agent");
    await evictDurableObject(room.agent(town, "mayor"));
    takeClock();
    await call("DELETE", `/api/towns/${town}`);
    await soon(async () =>
      expect((await receiptOf(town)).finalizers).toContainEqual(
        expect.objectContaining({ name: "children", state: "due", reason: newer("Agent") }),
      ),
    );
    expect((await room.agent(town, "mayor").probe()).vital).toBe("alive");
    knows("Agent", NOTES);
    await evictDurableObject(room.agent(town, "mayor"));
    await ring(room.town(town));
    await ring(room.user("owner"));
    await gone(town);
  });

  it("U9: that is dying waits with its end, too", async () => {
    const stuck = vi.spyOn(Agent.prototype, "destroy").mockRejectedValue(new Error("not now"));
    const town = await newerTown();
    knows("Town", NOTES);
    await destroyed(town);
    stuck.mockRestore();
    forgets("Town");
    await evictDurableObject(room.town(town));
    const before = await stored(room.town(town));
    takeClock();
    await ring(room.town(town));
    const after = await stored(room.town(town));
    expect(after).toEqual({ ...before, alarm: after.alarm });
    expect(await destroyed(town)).toMatchObject({ problem: { kind: "unavailable", detail: NEWER } });

    knows("Town", NOTES);
    await ring(room.town(town));
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    await ring(room.user("owner"));
    await gone(town);
  });
});

describe("a dying room of an older version", () => {
  /** A town in the middle of its end. */
  const dyingTown = async (): Promise<string> => {
    const stuck = vi.spyOn(Agent.prototype, "destroy").mockRejectedValue(new Error("not now"));
    const town = await idleTown();
    takeClock();
    await call("DELETE", `/api/towns/${town}`);
    await soon(async () =>
      expect((await receiptOf(town)).finalizers).toContainEqual(
        expect.objectContaining({ name: "children", reason: "not now" }),
      ),
    );
    stuck.mockRestore();
    return town;
  };

  it("U5: ends, and is never brought up to date", async () => {
    const town = await dyingTown();
    const up = vi.fn<() => void>();
    knows("Town", NOTES, { name: "watched", up });
    await evictDurableObject(room.town(town));
    expect((await room.town(town).probe()).schema).toMatchObject({
      version: version("Town"),
      standing: "older",
    });
    expect(await room.town(town).describe()).toMatchObject({ problem: { kind: "gone" } });
    await ring(room.town(town));
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    await ring(room.user("owner"));
    expect(await gone(town)).toMatchObject({ agents: 1 });
    expect(up).not.toHaveBeenCalled();
  });

  it("U5: ends with the tables from before there were migrations", async () => {
    const town = await dyingTown();
    await asBefore(room.town(town));
    await evictDurableObject(room.town(town));
    await ring(room.town(town));
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    await ring(room.user("owner"));
    await gone(town);
  });

  it("U5: ends where a finalizer wants a table that it never had", async () => {
    const town = await dyingTown();
    await runInDurableObject(room.town(town), (_room, { storage }) =>
      storage.sql.exec("DROP TABLE branches"),
    );
    await evictDurableObject(room.town(town));
    await ring(room.town(town));
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    await ring(room.user("owner"));
    await gone(town);
  });
});
