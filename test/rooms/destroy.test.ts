import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import type { AgentCharter } from "../../src/rooms/agent.ts";
import type { TownCharter } from "../../src/rooms/town.ts";
import { call, foundTown, receiptOf } from "./ask.ts";
import { busyTown, gone, TOMBSTONE } from "./busy-town.ts";
import { room } from "./rooms.ts";
import { openSocket } from "./socket.ts";
import { rows } from "./stored.ts";
import { soon } from "./soon.ts";

const ledgerRow = (town: string) =>
  env.LEDGER.prepare("SELECT state, receipt FROM towns WHERE id = ?").bind(town).first();

describe("the end of a town in the middle of its work", () => {
  it("R15, R17: leaves only tombstones, a complete receipt, and nobody who could come back", async () => {
    const { town, agents, sockets } = await busyTown();
    const page = await openSocket("/parties/user/owner");
    const [townCharter] = await rows(room.user("owner"), `SELECT charter FROM towns WHERE id = '${town}'`);
    const agentCharters = await rows(room.town(town), "SELECT charter FROM agents");

    expect(await call("DELETE", `/api/towns/${town}`)).toEqual({
      status: 202,
      body: { receipt: `/api/towns/${town}/receipt` },
    });

    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: CloseCode.gone });
    const receipt = await gone(town);
    expect(receipt).toMatchObject({
      room: `Town ${town}`,
      cause: "closed by its owner",
      agents: 4,
      containerExit: "killed",
      branches: [{ rig: "repo", branch: `curfew/${town}/b1` }],
    });
    expect(receipt.finalizers.map(({ name, state, detail }) => [name, state, detail])).toEqual([
      ["sockets", "done", "2 sockets"],
      ["container", "done", "killed"],
      ["children", "done", "4 agents"],
      ["self", "done", null],
    ]);
    expect(receipt.bytesBefore).toBeGreaterThan(receipt.bytesAfter ?? Number.NaN);

    expect(await room.town(town).probe()).toMatchObject({ ...TOMBSTONE, bytes: receipt.bytesAfter });
    for (const agent of agents) expect(await room.agent(town, agent).probe()).toMatchObject(TOMBSTONE);
    expect(await room.user("owner").locate(town)).toMatchObject({ ok: true, value: { state: "gone" } });
    await soon(async () => expect(await ledgerRow(town)).toMatchObject({ state: "gone" }));
    expect(JSON.parse(String((await ledgerRow(town))?.["receipt"]))).toMatchObject({
      state: "gone",
      agents: 4,
    });
    expect(
      await page.until<{ towns: { id: string; state: string }[] }>(({ towns }) =>
        towns.some(({ id, state }) => id === town && state === "gone"),
      ),
    ).toMatchObject({ type: "delta" });

    const refused = { ok: false, problem: { kind: "gone" } };
    const charter = JSON.parse(String(townCharter?.["charter"])) as TownCharter;
    expect(await room.town(town).found(charter)).toMatchObject(refused);
    for (const row of agentCharters) {
      const charter = JSON.parse(String(row["charter"])) as AgentCharter;
      expect(await room.agent(town, charter.agent).found(charter)).toMatchObject(refused);
    }
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  });

  it("R14: says of each room how large its tombstone is, of one that never lived, too", async () => {
    const town = await foundTown();
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    for (const stub of [room.town(town), room.agent(town, "mayor"), room.town(`t${"u".repeat(20)}`)]) {
      const { bytesAfter } = await stub.destroy({ cause: "once more" });
      expect(bytesAfter).toBe((await stub.probe()).bytes);
      expect(bytesAfter).toBeGreaterThan(0);
    }
  });

  it("R4: destroying again is answered with the same receipt, by the town and by each agent", async () => {
    const town = await foundTown();
    await call("DELETE", `/api/towns/${town}`);
    const receipt = await gone(town);
    const again = await room.town(town).destroy({ cause: "once more" });
    expect({ name: "Elm", ...again }).toEqual(receipt);
    const mayor = await room.agent(town, "mayor").destroy({ cause: "once more" });
    expect(mayor).toMatchObject({ state: "gone", cause: "closed by its owner" });
    expect(await room.agent(town, "mayor").destroy({ cause: "a third time" })).toEqual(mayor);
    expect(await call("DELETE", `/api/towns/${town}`)).toMatchObject({ status: 202 });
    expect(await receiptOf(town)).toEqual(receipt);
  });

  it("says on request that nothing was found when it looked again, and looking changes nothing", async () => {
    const town = await foundTown();
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    const verified = await call<{ verified: unknown }>("GET", `/api/towns/${town}/receipt?verify=1`);
    expect(verified.body.verified).toMatchObject({
      ok: true,
      findings: [
        { room: `Town ${town}`, found: "only a tombstone" },
        { room: `Agent ${town}.mayor`, found: "only a tombstone" },
        { room: `TownContainer ${town}`, found: "purged (never started)" },
      ],
    });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
  });
});

describe("a room that was never born", () => {
  it("R13: is destroyed to a tombstone, and a founding that was overtaken finds it", async () => {
    const town = "t".padEnd(21, "c");
    const charter: TownCharter = {
      id: "overtaken",
      issuedAt: Date.now(),
      expiresAt: Date.now() + 3_600_000,
      town,
      owner: "owner",
      name: "Late",
    };
    const receipt = await room.town(town).destroy({ cause: "overtook its founding" });
    expect(receipt).toMatchObject({ state: "gone", agents: 0, finalizers: [] });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await room.town(town).found(charter)).toMatchObject({ ok: false, problem: { kind: "gone" } });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await room.agent(town, "mayor").probe()).toMatchObject({ vital: "unborn", keys: [] });
  });
});
