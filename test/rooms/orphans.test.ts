import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OrphanFinding } from "../../src/protocol/orphans.ts";
import type { AgentCharter } from "../../src/rooms/agent.ts";
import type { TownCharter } from "../../src/rooms/town.ts";
import { call, foundTown } from "./ask.ts";
import { gone, TOMBSTONE } from "./busy-town.ts";
import { loseLedger } from "./lost-ledger.ts";
import { room } from "./rooms.ts";
import { idleTown, townWithRig } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Agent, User } from "./worker.ts";

beforeEach(() => vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

const look = async (ids: readonly string[], destroy = false): Promise<OrphanFinding[]> => {
  const { status, body } = await call<{ findings: OrphanFinding[] }>("POST", "/api/admin/orphans", {
    ids,
    destroy,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.findings;
};

const standings = (findings: readonly OrphanFinding[]) =>
  findings.map(({ room, standing }) => [room, standing]);

const hex = (kind: "User" | "Town" | "Agent" | "TownContainer", name: string): string =>
  env[kind].idFromName(name).toString();

/** Each kind of id that leads to a town or to what is part of it. */
const idsOf = (town: string): string[] => [
  town,
  hex("Town", town),
  hex("Agent", `${town}.mayor`),
  hex("TownContainer", town),
];

const idOf = (letter: string): string => "t".padEnd(21, letter);

const charter = () => ({ id: "orphan", issuedAt: Date.now(), expiresAt: Date.now() + 60_000 });

/** A living town that no owner's room has on its list. */
const orphanTown = async (town: string, owner: string): Promise<string> => {
  const mine: TownCharter = { ...charter(), town, owner, name: "Orphan" };
  expect(await room.town(town).found(mine)).toMatchObject({ ok: true });
  return town;
};

const ledgerRow = async (town: string) => {
  const row = await env.LEDGER.prepare("SELECT owner, name, state, receipt FROM towns WHERE id = ?")
    .bind(town)
    .first<Record<string, string>>();
  return row && { ...row, receipt: JSON.parse(row["receipt"] ?? "null") as object };
};

describe("POST /api/admin/orphans", () => {
  it("R21: says that a living town, its agents, its container and its owner are claimed, and never ends them", async () => {
    const { town } = await townWithRig();
    const before = await stored(room.town(town));
    const ids = [...idsOf(town), hex("User", "owner")];
    expect(standings(await look(ids, true))).toEqual([
      [`Town ${town}`, "claimed"],
      [`Town ${town}`, "claimed"],
      [`Agent ${town}.mayor`, "claimed"],
      [`Town ${town}`, "claimed"],
      [`User ${hex("User", "owner")}`, "claimed"],
    ]);
    expect((await stored(room.town(town))).tables["agents"]).toEqual(before.tables["agents"]);
    expect(await room.town(town).probe()).toMatchObject({ vital: "alive" });
    expect((await look([town]))[0]?.detail).toBe("alive; open, of owner");
  });

  it("leaves a town that it reached by an object's id as it was: it hears, answers and ends as always", async () => {
    const town = await idleTown();
    await evictDurableObject(room.town(town));
    await evictDurableObject(room.agent(town, "mayor"));
    await look([hex("Town", town), hex("Agent", `${town}.mayor`)]);
    const page = await openSocket(`/parties/town/${town}`);
    expect(await page.next()).toMatchObject({ type: "snapshot" });
    const said = await call("POST", `/api/towns/${town}/mayor/messages`, { id: "m1", text: "Hello?" });
    expect(said.status).toBe(202);
    await call("DELETE", `/api/towns/${town}`);
    expect(await page.closed).toMatchObject({ code: 4410 });
    expect(await gone(town)).toMatchObject({ room: `Town ${town}`, agents: 1 });
    expect(await room.agent(town, "mayor").destroy({ cause: "again" })).toMatchObject({
      room: `Agent ${town}.mayor`,
    });
  });

  it("says what is a tombstone and what is nothing, and writes nothing to either", async () => {
    const town = await foundTown();
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    const never = idOf("e");
    const found = await look(
      [...idsOf(town), never, hex("Town", never), hex("Agent", `${never}.mayor`)],
      true,
    );
    expect(found.map(({ standing }) => standing)).toEqual([
      "tombstone",
      "tombstone",
      "tombstone",
      "tombstone",
      "nothing",
      "nothing",
      "nothing",
    ]);
    expect(found.every(({ ended }) => ended === null)).toBe(true);
    expect(await room.town(never).probe()).toMatchObject({
      vital: "unborn",
      keys: [],
      tables: [],
      alarm: null,
    });
    expect(await stored(room.container(town))).toEqual({ keys: [], tables: {}, alarm: null });
  });

  it.for([
    ["whose owner never was", "f", "nobody", (town: string) => town],
    ["whose owner doesn't know it", "g", "owner", (town: string) => town],
    ["by its object's id", "h", "nobody", (town: string) => hex("Town", town)],
  ] as const)("R17: ends a living town %s only if it is told to, and keeps its receipt", async (given) => {
    const [, letter, owner, as] = given;
    await foundTown();
    const town = await orphanTown(idOf(letter), owner);
    expect(standings(await look([as(town)]))).toEqual([[`Town ${town}`, "unclaimed"]]);
    expect(await room.town(town).probe()).toMatchObject({ vital: "alive" });
    expect(await ledgerRow(town)).toBeNull();

    expect(await look([as(town)], true)).toMatchObject([{ standing: "unclaimed", ended: "gone" }]);
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await room.agent(town, "mayor").probe()).toMatchObject(TOMBSTONE);
    expect(await ledgerRow(town)).toMatchObject({
      owner,
      name: "Orphan",
      state: "gone",
      receipt: { room: `Town ${town}`, cause: "swept: nobody claims it", agents: 1 },
    });
    expect(standings(await look([as(town)], true))).toMatchObject([[expect.anything(), "tombstone"]]);
  });

  it("R21: ends an agent's room whose town is not there, but not one that a closing town still has to end", async () => {
    const town = idOf("i");
    const mine: AgentCharter = { ...charter(), town, agent: "polecat-7", role: "polecat" };
    await room.agent(town, "polecat-7").found(mine);
    const id = hex("Agent", `${town}.polecat-7`);
    expect(standings(await look([id]))).toEqual([[`Agent ${town}.polecat-7`, "unclaimed"]]);
    expect(await look([id], true)).toMatchObject([{ ended: "gone" }]);
    expect(await room.agent(town, "polecat-7").probe()).toMatchObject(TOMBSTONE);

    const closing = await orphanTown(idOf("j"), "nobody");
    const fault = vi.spyOn(Agent.prototype, "destroy").mockRejectedValue(new Error("not yet"));
    expect(await room.town(closing).destroy({ cause: "test" })).toMatchObject({ state: "closing" });
    fault.mockRestore();
    expect(await look([hex("Agent", `${closing}.mayor`)], true)).toMatchObject([
      { standing: "claimed", detail: `alive; of ${closing}, which is closing`, ended: null },
    ]);
    expect(await look([closing], true)).toMatchObject([{ standing: "unclaimed", ended: expect.anything() }]);
    await soon(async () => expect(await room.town(closing).probe()).toMatchObject(TOMBSTONE));
  });

  it("R13, R15: of what is stored under an id that no room made, only a tombstone stays", async () => {
    const town = idOf("k");
    await runInDurableObject(room.town(town), (_town, { storage }) => {
      storage.kv.put("__ps_name", town);
      storage.sql.exec("CREATE TABLE beads (id TEXT)");
      void storage.setAlarm(Date.now() + 86_400_000);
    });
    expect(standings(await look([hex("Town", town)]))).toMatchObject([[expect.anything(), "unclaimed"]]);
    expect(await look([town], true)).toMatchObject([{ ended: "gone" }]);
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  });

  it("R21: purges a container's object of no town that the ledger knows", async () => {
    const town = idOf("l");
    await runInDurableObject(room.container(town), (_container, { storage }) => storage.kv.put("life", 3));
    const id = hex("TownContainer", town);
    expect(standings(await look([id]))).toEqual([[`TownContainer ${id}`, "unclaimed"]]);
    expect((await stored(room.container(town))).keys).toEqual([["life", 3]]);
    expect(await look([id], true)).toMatchObject([{ ended: "gone" }]);
    expect(await stored(room.container(town))).toEqual({ keys: [], tables: {}, alarm: null });
  });

  it("R21: a container's object that was purged is no suspect any more, though its mark stays", async () => {
    const town = idOf("p");
    await runInDurableObject(room.container(town), (container) => {
      container.life = 2;
    });
    const id = hex("TownContainer", town);
    expect(await look([id], true)).toMatchObject([{ standing: "unclaimed", ended: "gone" }]);
    expect(await look([id], true)).toMatchObject([
      { room: `Town ${town}`, standing: "nothing", ended: null },
    ]);
    expect(await room.town(town).probe()).toMatchObject({ vital: "unborn", keys: [] });
  });

  it("R21: never purges the container of a town that lives, though the ledger has lost its row", async () => {
    const { town } = await townWithRig();
    await soon(async () => expect(await ledgerRow(town)).toMatchObject({ state: "open" }));
    await env.LEDGER.prepare("DELETE FROM towns WHERE id = ?").bind(town).run();
    const id = hex("TownContainer", town);
    expect(await look([id], true)).toMatchObject([
      { room: `Town ${town}`, standing: "claimed", detail: "alive; open, of owner", ended: null },
    ]);
    expect(await runInDurableObject(room.container(town), ({ life }) => life)).toBe(1);
  });

  it("R21: ends an orphan by its container, where nothing else leads to it", async () => {
    await foundTown();
    const town = await orphanTown(idOf("n"), "nobody");
    await runInDurableObject(room.container(town), (container) => {
      container.life = 1;
    });
    await runInDurableObject(room.town(town), (_town, { storage }) =>
      storage.kv.put("container", { ...storage.kv.get<object>("container"), life: 1, state: "awake" }),
    );
    const id = hex("TownContainer", town);
    expect(await look([id], true)).toMatchObject([{ room: `Town ${town}`, ended: "gone" }]);
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await stored(room.container(town))).toEqual({ keys: [], tables: {}, alarm: null });
  });

  it("R17, R20: an orphan whose end takes too long is in the ledger as closing, and the sweep sees to the rest", async () => {
    const town = await orphanTown(idOf("o"), "nobody");
    const { setTimeout } = globalThis;
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms = 0) =>
      setTimeout(work, ms / 100)) as typeof setTimeout);
    const fault = vi.spyOn(Agent.prototype, "destroy").mockImplementation(() => new Promise<never>(() => {}));
    expect(await look([town], true)).toMatchObject([{ detail: "took longer than 15 s" }]);
    expect(await ledgerRow(town)).toMatchObject({ state: "closing" });
    fault.mockRestore();
    await soon(async () => {
      await env.LEDGER.exec("UPDATE towns SET changed_at = 0, checked_at = 0 WHERE state = 'closing'");
      await call("POST", "/api/admin/sweep");
      expect(await ledgerRow(town)).toMatchObject({ state: "gone", receipt: { agents: 1 } });
    });
  });

  it("says that the ledger can't be reached, where only that knows whose a container is", async () => {
    const giveBack = await loseLedger();
    const refused = await call("POST", "/api/admin/orphans", {
      ids: [hex("TownContainer", idOf("q"))],
      destroy: true,
    });
    await giveBack();
    expect(refused).toMatchObject({ status: 503, body: { detail: "The ledger can't be reached." } });
  });

  it("R21: leaves alone what can't be found out", async () => {
    const town = await idleTown();
    vi.spyOn(User.prototype, "locate").mockRejectedValue(new Error("overloaded"));
    expect(await look([town, "0".repeat(64)], true)).toMatchObject([
      { standing: "unknown", detail: "overloaded", ended: null },
      { standing: "unknown", room: "", ended: null },
    ]);
    expect(await room.town(town).probe()).toMatchObject({ vital: "alive" });
  });

  it.for([
    ["no ids", { ids: [], destroy: false }, "names no id"],
    ["too many ids", { ids: Array.from({ length: 101 }, () => idOf("m")), destroy: false }, "at most 100"],
    ["something else than ids", { ids: ["mayor"], destroy: false }, "ids.0: is no id"],
    ["no word on what to do", { ids: [idOf("m")] }, "destroy"],
  ] as const)("A5: refuses %s", async ([, body, why]) => {
    const refused = await call("POST", "/api/admin/orphans", body);
    expect(refused).toMatchObject({ status: 400, body: { kind: "bad-request" } });
    expect(refused.body.detail).toContain(why);
  });
});
