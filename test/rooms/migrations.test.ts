import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import { SCHEMA, type Migration } from "../../src/storage/migrations.ts";
import { call, foundTown } from "./ask.ts";
import { asBefore, knows, oneMore, version } from "./histories.ts";
import { room } from "./rooms.ts";
import { idleTown } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { FIRST_PAGE } from "../../src/protocol/page.ts";

afterEach(() => vi.restoreAllMocks());

/** Adds a table, and a row at each time that it is applied: there is never more than one. */
const NOTES: Migration = {
  name: "notes",
  up: ["CREATE TABLE IF NOT EXISTS notes (text TEXT)", "INSERT INTO notes VALUES ('applied')"],
};
/** Rewrites a record: who reads it before that, sees it. */
const RENAME: Migration = {
  name: "rename",
  up: ({ kv }) => kv.put("town", { ...kv.get<object>("town"), name: "Renamed" }),
};

/** A town of the build before these migrations, in no instance's memory. */
const oldTown = async (...migrations: readonly Migration[]): Promise<string> => {
  const town = await idleTown();
  knows("Town", ...migrations);
  await evictDurableObject(room.town(town));
  return town;
};

const schemaOf = async (town: string): Promise<unknown> =>
  new Map((await stored(room.town(town))).keys as [string, unknown][]).get(SCHEMA);

describe("a room of an older version", () => {
  it.for<[string, (town: string) => Promise<unknown>]>([
    ["a request", (town) => room.town(town).fetch("http://room/")],
    ["a call", (town) => room.town(town).describe()],
    ["the same founding once more", (town) => foundAgain(town)],
    ["a socket", async (town) => (await openSocket(`/parties/town/${town}`)).next()],
    [
      "an alarm",
      async (town) => {
        await runInDurableObject(room.town(town), (_room, { storage }) =>
          storage.setAlarm(Date.now() + 60_000),
        );
        await runDurableObjectAlarm(room.town(town));
      },
    ],
  ])("U2: is brought up to date by %s, before anything else reads it", async ([, enter]) => {
    const town = await oldTown(NOTES, RENAME);
    await enter(town);
    expect(await schemaOf(town)).toEqual({ version: version("Town", 2), name: "rename" });
    const { tables } = await stored(room.town(town));
    expect(tables["notes"]).toEqual([{ text: "applied" }]);
    expect(await room.town(town).describe()).toMatchObject({ ok: true, value: { name: "Renamed" } });
  });

  it.for(["message", "close"] as const)(
    "U2: is brought up to date by the %s of a socket that was open before",
    async (what) => {
      const town = await idleTown();
      const socket = await openSocket(`/parties/town/${town}`);
      await socket.next();
      knows("Town", NOTES);
      await evictDurableObject(room.town(town));
      if (what === "message") {
        socket.send({ type: "what?" });
        expect(await socket.closed).toMatchObject({ code: CloseCode.badMessage });
      } else socket.close();
      await soon(async () => expect(await schemaOf(town)).toEqual(oneMore("Town", NOTES)));
    },
  );

  it("U2: a user's room and an agent's, too", async () => {
    const town = await idleTown();
    knows("User", NOTES);
    knows("Agent", NOTES);
    await evictDurableObject(room.user("owner"));
    await evictDurableObject(room.agent(town, "mayor"));
    expect(await call("GET", "/api/towns")).toMatchObject({ status: 200 });
    expect(await room.agent(town, "mayor").transcript(null, FIRST_PAGE)).toMatchObject({ ok: true });
    const applied = { notes: [{ text: "applied" }] };
    expect((await stored(room.user("owner"))).tables).toMatchObject(applied);
    expect((await stored(room.agent(town, "mayor"))).tables).toMatchObject(applied);
  });

  it("U1, U2: a town from before there were migrations, which says nothing of a version, is of the first", async () => {
    const town = await idleTown();
    await asBefore(room.town(town));
    await runInDurableObject(room.town(town), (_room, { storage }) => {
      storage.sql.exec(
        `INSERT INTO beads (number, rig, title, body, status, created_at, updated_at, seq)
         VALUES (1, 'repo', 'Say hello', '', 'closed', 1, 1, 1)`,
      );
    });
    await evictDurableObject(room.town(town));
    const { schema } = await room.town(town).probe();
    expect(schema).toMatchObject({ version: 1, name: "baseline", standing: "older", shut: null });
    expect(await call("GET", `/api/towns/${town}/beads/b1`)).toMatchObject({
      status: 200,
      body: { title: "Say hello", status: "closed" },
    });
    expect(await schemaOf(town)).toMatchObject({ version: version("Town") });
  });

  it("U2: many first entries at once apply each migration once", async () => {
    const town = await oldTown(NOTES, RENAME);
    const path = `/parties/town/${town}`;
    await Promise.all([
      room.town(town).describe(),
      (await openSocket(path)).next(),
      room.town(town).fetch("http://room/"),
      room.town(town).beads(FIRST_PAGE),
      room.town(town).probe(),
      (await openSocket(path)).next(),
      call("GET", `/api/towns/${town}`),
    ]);
    expect((await stored(room.town(town))).tables["notes"]).toEqual([{ text: "applied" }]);
  });

  it("U3: a look says which version it is, and that it opens, and writes nothing", async () => {
    const town = await oldTown(NOTES, RENAME);
    const before = await stored(room.town(town));
    const probed = await room.town(town).probe();
    expect(probed.schema).toMatchObject({ version: version("Town"), standing: "older", shut: null });
    expect(await stored(room.town(town))).toEqual(before);
    await room.town(town).describe();
    const { schema } = await room.town(town).probe();
    expect(schema).toEqual({
      version: version("Town", 2),
      name: "rename",
      standing: "current",
      shut: null,
    });
  });

  it("U1: a founding applies all there are, in its one transaction", async () => {
    knows("Town", NOTES);
    const town = await foundTown();
    expect(await schemaOf(town)).toEqual(oneMore("Town", NOTES));
    expect((await stored(room.town(town))).tables["notes"]).toEqual([{ text: "applied" }]);
  });

  it("U4: a crash in the middle leaves the room of before, and the next entry brings it up to date", async () => {
    let kill = (): void => undefined;
    const town = await oldTown(NOTES, RENAME, { name: "crash", up: () => kill() });
    const before = await stored(room.town(town));
    await runInDurableObject(room.town(town), (_room, state) => {
      kill = () => state.abort("killed", { retryAlarm: false });
    });
    const answer = await room
      .town(town)
      .describe()
      .then(
        (value) => value,
        (error: unknown) => error,
      );
    expect(answer).toBeInstanceOf(Error);
    kill = () => undefined;
    expect(await stored(room.town(town))).toEqual(before);
    expect(await room.town(town).describe()).toMatchObject({ ok: true, value: { name: "Renamed" } });
    expect(await schemaOf(town)).toEqual({ version: version("Town", 3), name: "crash" });
  });
});

/** The founding as the town's parent repeats it when it was not heard. */
const foundAgain = async (town: string): Promise<void> => {
  const charter = await room.town(town).charter();
  if (charter === null) throw new Error("it has no charter");
  expect(await room.town(town).found(charter)).toEqual({ ok: true, value: null });
};

describe("a room that isn't alive", () => {
  const touch = async (town: string): Promise<void> => {
    await room.town(town).fetch("http://room/");
    await room.town(town).describe();
    await room.town(town).probe();
    await runInDurableObject(room.town(town), (_room, { storage }) => storage.setAlarm(Date.now() + 60_000));
    await runDurableObjectAlarm(room.town(town));
  };

  it("U5: is never brought up to date: unborn, and dead", async () => {
    const dead = await idleTown();
    await room.town(dead).destroy({ cause: "the test is done with it" });
    const unborn = "t".padEnd(21, "m");
    knows("Town", NOTES);
    for (const town of [dead, unborn]) {
      const before = await stored(room.town(town));
      await touch(town);
      expect(await stored(room.town(town))).toEqual(before);
      expect((await room.town(town).probe()).schema).toBeNull();
    }
  });
});
