import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { d1Ledger, type LedgerState } from "../../src/ledger/ledger.ts";
import { sweep } from "../../src/ledger/run-sweep.ts";
import { dueFinalizers } from "../../src/lifecycle/finalizer.ts";
import { stillbornReceipt } from "../support/stillborn.ts";
import type { Verified } from "../../src/verify.ts";
import { call, foundTown } from "./ask.ts";
import { gone, TOMBSTONE } from "./busy-town.ts";
import { room } from "./rooms.ts";
import { idleTown, killAfterWipe } from "./scenes.ts";
import { Agent, User } from "./worker.ts";

const DAY_MS = 86_400_000;
const ledger = d1Ledger(env.LEDGER);

beforeEach(async () => {
  await env.LEDGER.exec("DELETE FROM towns");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const put = (id: string, state: LedgerState, changedAt = 0) =>
  ledger.put({ id, owner: "owner", name: id, state, changedAt });

const stored = (id: string) =>
  env.LEDGER.prepare("SELECT state, receipt, forgotten_at FROM towns WHERE id = ?").bind(id).first();

/** Makes every row of the ledger old enough to be a suspect. */
const age = () => env.LEDGER.exec("UPDATE towns SET changed_at = 0, checked_at = 0");

/** A living town that the ledger knows, of an owner who never was. `letter` makes its id. */
const unclaimedTown = async (letter: string): Promise<string> => {
  const town = "t".padEnd(21, letter);
  const now = Date.now();
  const about = { owner: "nobody", name: "Orphan" };
  await room.town(town).found({ id: "orphan", issuedAt: now, expiresAt: now + 60_000, town, ...about });
  await ledger.put({ id: town, ...about, state: "open", changedAt: 0 });
  return town;
};

describe("the ledger in D1", () => {
  const states = ["founding", "open", "closing", "gone"] as const;
  it.for(states.flatMap((from) => states.map((to) => [from, to] as const)))(
    "never undoes a state that is further along: %s, then %s",
    async ([from, to]) => {
      await put("t1", from, 1);
      await put("t1", to, 2);
      const further =
        states.indexOf(to) > states.indexOf(from)
          ? { state: to, changedAt: 2 }
          : { state: from, changedAt: 1 };
      expect(await ledger.get("t1")).toMatchObject(further);
    },
  );

  it("keeps the receipt that came with the last state, and none is lost to a later word without one", async () => {
    const receipt = stillbornReceipt("Town t1", "closed", 5);
    await ledger.put({ id: "t1", owner: "owner", name: "Elm", state: "closing", changedAt: 1 }, receipt);
    await put("t1", "gone", 2);
    expect(JSON.parse(String((await stored("t1"))?.["receipt"]))).toEqual(receipt);
  });

  it("R22: what was looked at comes after what was not, and a tombstone that was tried not before its time", async () => {
    for (const [n, id] of ["t1", "t2", "t3"].entries()) await put(id, "closing", n);
    await ledger.checked("t1", 20);
    await ledger.checked("t2", 10);
    const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
    expect(ids(await ledger.suspects(["closing"], 30, 9))).toEqual(["t3", "t2", "t1"]);
    for (const id of ["t1", "t2", "t3"]) await put(id, "gone", 5);
    expect(ids(await ledger.tombstones(30, 20, 9)).toSorted()).toEqual(["t2", "t3"]);
    await ledger.forgotten("t2", 40);
    expect(ids(await ledger.tombstones(30, 20, 9))).toEqual(["t3"]);
  });

  it("R14: a receipt is never replaced by one that tells less, and one that was missing is added", async () => {
    const full = {
      ...stillbornReceipt("Town t1", "closed", 5),
      agents: 3,
      finalizers: dueFinalizers(["self"], 5),
    };
    await ledger.put({ id: "t1", owner: "owner", name: "Elm", state: "closing", changedAt: 1 });
    await ledger.put({ id: "t1", owner: "owner", name: "Elm", state: "closing", changedAt: 2 }, full);
    const poor = stillbornReceipt("Town t1", "swept", 9);
    await ledger.put({ id: "t1", owner: "owner", name: "Elm", state: "gone", changedAt: 3 }, poor);
    expect(JSON.parse(String((await stored("t1"))?.["receipt"]))).toMatchObject({
      state: "gone",
      cause: "closed",
      agents: 3,
      endedAt: 9,
    });
  });

  it("finds suspects longest first, and every query of the sweep goes by an index", async () => {
    for (const [n, id] of ["t3", "t1", "t2"].entries()) await put(id, "closing", n);
    await put("t4", "open", 0);
    expect((await ledger.suspects(["founding", "closing"], 10, 2)).map(({ id }) => id)).toEqual(["t3", "t1"]);
    expect((await ledger.unchecked(1, 9)).map(({ id }) => id)).toEqual(["t4"]);
    await ledger.checked("t3", 20);
    expect((await ledger.suspects(["founding", "closing"], 10, 9)).map(({ id }) => id)).toEqual(["t1", "t2"]);

    const prepared = vi.spyOn(env.LEDGER, "prepare");
    await ledger.suspects(["founding", "closing"], 10, 9);
    await ledger.unchecked(1, 9);
    await ledger.tombstones(1, 1, 9);
    const statements = prepared.mock.calls.map(([statement]) => statement);
    expect(statements).toHaveLength(3);
    for (const statement of statements) {
      const { results } = await env.LEDGER.prepare(`EXPLAIN QUERY PLAN ${statement}`)
        .bind(...(statement.match(/\?/g) ?? []).map(() => 1))
        .all<{ detail: string }>();
      expect(results.map(({ detail }) => detail).join("; "), statement).toMatch(
        /SEARCH towns USING INDEX|SCAN towns USING INDEX towns_with_tombstones/,
      );
    }
  });
});

describe("the sweep over real rooms", () => {
  it("hole (e): heals the row of a town whose opening the ledger missed, and the town lives on", async () => {
    const town = await idleTown();
    await env.LEDGER.exec("UPDATE towns SET state = 'founding'");
    await age();
    expect(await call("POST", "/api/admin/sweep")).toEqual({
      status: 200,
      body: { examined: 1, healed: 1, skipped: 0, errors: 0 },
    });
    expect((await ledger.get(town))?.state).toBe("open");
    expect((await call("GET", `/api/towns/${town}`)).status).toBe(200);
  });

  it("R17: ends a living town that no owner claims, and keeps its receipt", async () => {
    const town = await unclaimedTown("d");
    expect(await sweep(env)).toMatchObject({ ok: true, value: { examined: 1, healed: 1, errors: 0 } });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await room.agent(town, "mayor").probe()).toMatchObject(TOMBSTONE);
    expect(JSON.parse(String((await stored(town))?.["receipt"]))).toMatchObject({ state: "gone", agents: 1 });
    expect(await room.user("nobody").probe()).toMatchObject({ vital: "unborn", keys: [] });
  });

  it("skips, and ends nothing, when the owner's room can't be asked", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const town = await idleTown();
    await age();
    vi.spyOn(User.prototype, "locate").mockRejectedValue(new Error("overloaded"));
    expect(await sweep(env)).toMatchObject({ value: { examined: 1, healed: 0, errors: 1 } });
    expect(await room.town(town).probe()).toMatchObject({ vital: "alive" });
    expect(await sweep(env)).toMatchObject({ value: { examined: 0 } });
  });

  it("removes tombstones after 30 days, but never one of a room that has not been dead that long", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const alive = await idleTown();
    const dead = await foundTown();
    const charter = await room.town(dead).charter();
    await call("DELETE", `/api/towns/${dead}`);
    await gone(dead);
    vi.useFakeTimers({ now: Date.now() + 31 * DAY_MS, toFake: ["Date"] });
    await env.LEDGER.exec("UPDATE towns SET state = 'gone', changed_at = 0");

    expect(await sweep(env)).toMatchObject({ value: { errors: 1 } });
    expect(await room.town(dead).probe()).toMatchObject({ vital: "unborn", keys: [] });
    expect(await room.agent(dead, "mayor").probe()).toMatchObject({ vital: "unborn", keys: [] });
    expect((await stored(dead))?.["forgotten_at"]).toBe(Date.now());
    expect(await room.town(alive).probe()).toMatchObject({ vital: "alive" });
    expect((await stored(alive))?.["forgotten_at"]).toBeNull();
    expect((await call("GET", `/api/towns/${dead}`)).status).toBe(410);
    // R1: without its tombstone, too, the old charter brings nothing back.
    expect(charter && (await room.town(dead).found(charter))).toMatchObject({
      problem: { kind: "conflict", detail: "This can't be founded: expired." },
    });
    const { body } = await call<{ verified: Verified }>("GET", `/api/towns/${dead}/receipt?verify=1`);
    expect(body.verified).toMatchObject({
      ok: true,
      findings: { 0: { found: "nothing, not even its tombstone" } },
    });
    expect(await room.town(dead).probe()).toMatchObject({ vital: "unborn", keys: [] });
  });

  it("a second look finds something wrong when a tombstone is missing before its time", async () => {
    const town = await foundTown();
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    await room.agent(town, "mayor").forget(Infinity);
    const { body } = await call<{ verified: Verified }>("GET", `/api/towns/${town}/receipt?verify=1`);
    expect(body.verified).toMatchObject({
      ok: false,
      findings: { 1: { found: expect.stringContaining("unborn") } },
    });
  });

  it("a second look says which room it could not ask, and vouches for nothing then", async () => {
    const town = await foundTown();
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    vi.spyOn(Agent.prototype, "probe").mockRejectedValue(new Error("overloaded"));
    const { status, body } = await call<{ verified: Verified }>("GET", `/api/towns/${town}/receipt?verify=1`);
    expect(status).toBe(200);
    expect(body.verified).toMatchObject({
      ok: false,
      findings: [
        { found: "only a tombstone" },
        { room: `Agent ${town}.mayor`, found: "it could not be asked: overloaded" },
        { found: expect.stringContaining("purged") },
      ],
    });
  });

  it("R14: a town without an owner, killed between wiping and its tombstone, leaves its full receipt in the ledger", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const town = await unclaimedTown("w");
    await killAfterWipe(town);
    expect(await sweep(env)).toMatchObject({ value: { errors: 1 } });
    expect(await room.town(town).probe()).toMatchObject({ vital: "unborn" });
    await age();
    expect(await sweep(env)).toMatchObject({ value: { healed: 1, errors: 0 } });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(JSON.parse(String((await stored(town))?.["receipt"]))).toMatchObject({
      state: "gone",
      agents: 1,
      finalizers: { 3: { name: "self", state: "done" } },
    });
  });
});
