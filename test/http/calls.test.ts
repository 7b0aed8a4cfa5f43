import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Activity } from "../../src/protocol/activity.ts";
import { Agent } from "../../src/protocol/agent.ts";
import { Bead, BeadSummary } from "../../src/protocol/bead.ts";
import { Entry } from "../../src/protocol/entry.ts";
import { TownReceipt } from "../../src/protocol/receipt.ts";
import { Rig } from "../../src/protocol/rig.ts";
import { Town, TownSummary } from "../../src/protocol/town.ts";
import { call, foundTown } from "../rooms/ask.ts";
import { gone } from "../rooms/busy-town.ts";
import { ofRun, ordered } from "../rooms/played-container.ts";
import { RIG, sling, townWithRig } from "../rooms/scenes.ts";
import { soon } from "../rooms/soon.ts";

/** Each call with its answer. Answers are parsed with the schemas that pages parse them with. */
describe("towns", () => {
  it("are founded (201), listed, looked at and changed", async () => {
    const founded = await call("POST", "/api/towns", { name: "  Elm  " });
    expect(founded.status).toBe(201);
    const { id, name, state } = v.parse(Town, founded.body);
    expect({ name, state }).toEqual({ name: "Elm", state: "open" });

    const list = await call<{ towns: unknown }>("GET", "/api/towns");
    expect(list.status).toBe(200);
    expect(v.parse(v.array(TownSummary), list.body.towns)).toContainEqual(
      expect.objectContaining({ id, name }),
    );

    const patched = await call("PATCH", `/api/towns/${id}`, {
      name: "Oak",
      runtime: ["my-agent", "--acp"],
      sleepAfter: "5m",
      caps: { polecats: 7, tokens: 1000 },
      model: { baseUrl: "https://model.example/v1", model: "large", key: "sk-1" },
    });
    expect(patched.status).toBe(200);
    const looked = await call("GET", `/api/towns/${id}`);
    expect(v.parse(Town, looked.body).settings).toEqual(v.parse(Town, patched.body).settings);
    expect(v.parse(Town, looked.body)).toMatchObject({
      name: "Oak",
      settings: {
        runtime: ["my-agent", "--acp"],
        sleepAfterMs: 300_000,
        caps: { polecats: 7, tokens: 1000 },
        model: { baseUrl: "https://model.example/v1", model: "large", hasKey: true },
      },
    });
  });

  it("are deleted (202, and again the same); then 410 with the receipt's address, and the receipt stays", async () => {
    const town = await foundTown("Ash");
    const deleted = await call<unknown>("DELETE", `/api/towns/${town}`);
    expect(deleted).toEqual({ status: 202, body: { receipt: `/api/towns/${town}/receipt` } });
    const receipt = await gone(town);
    expect(v.parse(TownReceipt, receipt)).toEqual(receipt);
    expect(await call<unknown>("DELETE", `/api/towns/${town}`)).toEqual(deleted);
    for (const path of ["", "/rigs", "/beads", "/agents", "/activity", "/mayor/messages"])
      expect(await call("GET", `/api/towns/${town}${path}`)).toMatchObject({
        status: 410,
        body: { kind: "gone", receipt: `/api/towns/${town}/receipt` },
      });
    const { body } = await call<{ towns: { id: string }[] }>("GET", "/api/towns");
    expect(body.towns.map(({ id }) => id)).not.toContain(town);
  });

  it("that live have no receipt (404), and ones that never existed are not found", async () => {
    const town = await foundTown();
    expect((await call("GET", `/api/towns/${town}/receipt`)).status).toBe(404);
    for (const method of ["GET", "DELETE"])
      expect((await call(method, `/api/towns/t${"z".repeat(20)}`)).status).toBe(404);
  });
});

describe("rigs", () => {
  it("are added as checking (201), listed, and removed (204)", async () => {
    const town = await foundTown();
    const added = await call("POST", `/api/towns/${town}/rigs`, {
      ...RIG,
      gates: ["npm test"],
      branch: "dev",
    });
    expect(added.status).toBe(201);
    expect(v.parse(Rig, added.body)).toMatchObject({
      name: "repo",
      state: "checking",
      reason: null,
      branch: "dev",
      gates: ["npm test"],
      hasCredential: false,
    });
    const list = await call<{ rigs: unknown }>("GET", `/api/towns/${town}/rigs`);
    expect(v.parse(v.array(Rig), list.body.rigs)).toHaveLength(1);
    expect(await call("POST", `/api/towns/${town}/rigs`, RIG)).toMatchObject({ status: 409 });
    expect(await call("DELETE", `/api/towns/${town}/rigs/repo`)).toEqual({ status: 204, body: null });
    expect((await call("DELETE", `/api/towns/${town}/rigs/repo`)).status).toBe(404);
    expect((await call("GET", `/api/towns/${town}/rigs`)).body).toEqual({ rigs: [], next: null });
  });
});

describe("beads", () => {
  it("are slung (201), once per key, listed, looked at, cancelled, and retried when they failed", async () => {
    const { town, container } = await townWithRig();
    const beads = `/api/towns/${town}/beads`;
    const order = { rig: "repo", title: "Say hello", body: "in README", key: "k1" };
    const slung = await call("POST", beads, order);
    expect(slung.status).toBe(201);
    const { id } = v.parse(Bead, slung.body);
    expect(await call<Bead>("POST", beads, order)).toMatchObject({ status: 201, body: { id } });
    const list = await call<{ beads: unknown }>("GET", beads);
    expect(v.parse(v.array(v.strictObject(BeadSummary.entries)), list.body.beads)).toHaveLength(1);
    expect(v.parse(Bead, (await call("GET", `${beads}/${id}`)).body).title).toBe("Say hello");
    expect(await call("GET", `${beads}/${id}/diff`)).toEqual({ status: 200, body: { diff: null } });
    expect(await call("GET", `${beads}/${id}/gates`)).toEqual({
      status: 200,
      body: { gates: [], next: null },
    });
    expect((await call("GET", `${beads}/${id}/gates/r1.0`)).status).toBe(404);
    expect((await call("POST", `${beads}/${id}/retry`)).status).toBe(409);

    const turn = await ordered(town, "turn");
    const failed = { outcome: "failed", reason: "It can't be done.", again: false } as const;
    await container.tell({ type: "turned", ...ofRun(turn), agent: turn.agent, result: failed });
    expect((await call("GET", `${beads}/${id}`)).body).toMatchObject({
      status: "failed",
      reason: failed.reason,
    });
    expect(await call<Bead>("POST", `${beads}/${id}/retry`)).toMatchObject({ status: 200 });
    expect(await call<Bead>("POST", `${beads}/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: "cancelled" },
    });
  });
});

describe("agents, messages and the diary", () => {
  it("a message is taken (202), read back after a place, and its turn can be cancelled (204)", async () => {
    const town = await foundTown();
    const messages = `/api/towns/${town}/mayor/messages`;
    expect((await call("POST", `/api/towns/${town}/mayor/cancel`)).status).toBe(409);
    expect(await call("POST", messages, { id: "m1", text: "Hello?" })).toEqual({
      status: 202,
      body: { seq: 1 },
    });
    await ordered(town, "turn");
    const page = await soon(async () => {
      const { body } = await call<{ seq: number; entries: unknown }>("GET", `${messages}?after=0`);
      expect(body.entries).toMatchObject([{ state: "delivered" }]);
      return body;
    });
    expect(v.parse(v.array(Entry), page.entries)).toMatchObject([{ kind: "user", message: "m1" }]);
    expect((await call("GET", `${messages}?after=${page.seq}`)).body).toEqual({
      entries: [],
      next: null,
      seq: page.seq,
    });
    expect((await call("GET", `/api/towns/${town}/agents/mayor/transcript`)).body).toEqual(page);
    expect(await call("POST", `/api/towns/${town}/mayor/cancel`)).toEqual({ status: 204, body: null });
  });

  it("agents and diary are listed, and the diary goes on after a place", async () => {
    const { town } = await townWithRig();
    await sling(town);
    await ordered(town, "turn");
    const agents = await soon(async () => {
      const { body } = await call<{ agents: unknown }>("GET", `/api/towns/${town}/agents`);
      const agents = v.parse(v.array(Agent), body.agents);
      expect(agents.map(({ name }) => name)).toEqual(["polecat-1", "mayor"]);
      return agents;
    });
    expect((await call("GET", `/api/towns/${town}/agents/mayor`)).body).toEqual(agents[1]);
    const { body } = await call<{ activity: unknown }>("GET", `/api/towns/${town}/activity?after=0`);
    const lines = v.parse(v.array(Activity), body.activity);
    expect(lines.at(-1)?.text).toBe("The town was founded.");
    const after = lines[1]?.seq ?? 0;
    expect((await call("GET", `/api/towns/${town}/activity?after=${after}`)).body).toEqual({
      activity: lines.slice(0, 1),
      next: null,
    });
  });
});

describe("the instance", () => {
  it("says who one is, that it is well, what a room holds, and what its sweep did", async () => {
    const town = await foundTown();
    expect(await call("GET", "/api/health")).toEqual({ status: 200, body: { ok: true } });
    expect(await call("GET", "/api/me")).toEqual({
      status: 200,
      body: { user: "owner", instance: { model: null, engine: "process", local: true } },
    });
    expect(await call("GET", `/api/admin/rooms/Town/${town}`)).toMatchObject({
      status: 200,
      body: { vital: "alive", keys: expect.arrayContaining(["vital"]), bytes: expect.any(Number) },
    });
    expect((await call("GET", `/api/admin/rooms/TownContainer/${town}`)).status).toBe(404);
    expect(await call("POST", "/api/admin/sweep")).toMatchObject({
      status: 200,
      body: { healed: 0, errors: 0 },
    });
  });
});
