import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import { ask } from "./ask.ts";
import { room } from "./rooms.ts";
import { openSocket } from "./socket.ts";

const NOTHING = { keys: [], tables: [], alarm: null };

const closeCodeOf = async (path: string): Promise<number> => (await (await openSocket(path)).closed).code;

describe("the gate", () => {
  it("answers for a room that was never founded, and nothing of it is stored", async () => {
    const town = room.town("t".padEnd(21, "a"));
    expect((await town.fetch("http://room/")).status).toBe(404);
    expect(await town.probe()).toMatchObject({ vital: "unborn", ...NOTHING });
  });

  it("closes a socket to a town that never existed with 4404", async () => {
    const town = "t".padEnd(21, "b");
    expect(await closeCodeOf(`/parties/town/${town}`)).toBe(CloseCode.notFound);
    expect(await room.town(town).probe()).toMatchObject({ vital: "unborn", ...NOTHING });
  });

  it("lets nobody into a town that is gone, of which only the tombstone is left", async () => {
    const founded = await ask("/api/towns", { method: "POST", body: JSON.stringify({ name: "Elm" }) });
    expect(founded.status).toBe(201);
    const { id } = await founded.json<{ id: string }>();

    expect((await ask(`/api/towns/${id}`, { method: "DELETE" })).status).toBe(202);
    expect(await room.town(id).destroy({ cause: "joins the end under way" })).toMatchObject({
      state: "gone",
    });

    expect(await closeCodeOf(`/parties/town/${id}`)).toBe(CloseCode.gone);
    expect(await room.town(id).probe()).toMatchObject({
      vital: "dead",
      keys: ["vital"],
      tables: [],
      alarm: null,
    });
    await runInDurableObject(room.container(id), (_, { storage }) => {
      expect([...storage.kv.list()]).toEqual([]);
    });
  });

  it("R5: an alarm of a room that was never founded does nothing and leaves nothing", async () => {
    const town = room.town("t".padEnd(21, "e"));
    await runInDurableObject(town, (_town, { storage }) => storage.setAlarm(Date.now() + 60_000));
    expect(await runDurableObjectAlarm(town)).toBe(true);
    expect(await town.probe()).toMatchObject({ vital: "unborn", ...NOTHING });
  });

  it("R1, R2: a founding needs a charter that has not expired; the same again is the same, another is refused", async () => {
    const town = "t".padEnd(21, "f");
    const now = Date.now();
    const charter = { id: "one", issuedAt: now, expiresAt: now + 60_000, town, owner: "owner", name: "Elm" };
    const late = { ...charter, expiresAt: now - 1 };
    expect(await room.town(town).found(late)).toMatchObject({ ok: false, problem: { kind: "conflict" } });
    expect(await room.town(town).probe()).toMatchObject({ vital: "unborn", ...NOTHING });

    expect(await room.town(town).found(charter)).toEqual({ ok: true, value: null });
    expect(await room.town(town).found(charter)).toEqual({ ok: true, value: null });
    const other = { ...charter, id: "two", name: "Oak" };
    expect(await room.town(town).found(other)).toMatchObject({ ok: false, problem: { kind: "conflict" } });
    expect(await room.town(town).describe()).toMatchObject({ ok: true, value: { name: "Elm" } });
  });

  it("R6: every word to a dead or an unborn room is refused, and says which it is", async () => {
    const [dead, unborn] = ["t".padEnd(21, "g"), "t".padEnd(21, "h")];
    await room.town(dead).destroy({ cause: "never mind" });
    await room.agent(dead, "mayor").destroy({ cause: "never mind" });
    for (const [town, kind] of [
      [dead, "gone"],
      [unborn, "not-found"],
    ] as const) {
      const answers = [
        await room.town(town).describe(),
        await room.town(town).sling({ rig: "repo", title: "Too late", body: "" }),
        await room.town(town).mayRun(1),
        await room.agent(town, "mayor").say({ id: "m1", text: "Hello?" }),
        await room.agent(town, "mayor").history(),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ ok: false, problem: { kind } });
      expect((await room.town(town).fetch("http://room/")).status).toBe(kind === "gone" ? 410 : 404);
    }
    expect(await room.town(unborn).probe()).toMatchObject({ vital: "unborn", ...NOTHING });
  });
});
