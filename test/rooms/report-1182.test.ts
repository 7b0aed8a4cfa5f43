import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sweep } from "../../src/ledger/run-sweep.ts";
import type { Town as TownView } from "../../src/protocol/town.ts";
import wrangler from "../../wrangler.jsonc?raw";
import { ask, call } from "./ask.ts";
import { busyTown, gone, TOMBSTONE } from "./busy-town.ts";
import { room } from "./rooms.ts";
import { idleTown, townWithRig } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Town, TownContainer, User } from "./worker.ts";

// The report that Curfew began with: deleted towns ran on for ever, by six causes. Each test here names one
// of its eight acceptance criteria; the names of that service's classes are read as Curfew's.

afterEach(() => vi.restoreAllMocks());

const CONTAINER_CALLS = ["order", "cancelRun", "halt", "kill", "purge"] as const;

/** Everything that could touch a container, to look at later. */
const watchContainers = () => CONTAINER_CALLS.map((method) => vi.spyOn(TownContainer.prototype, method));

/** A request as the page sends it: with the cookie that the owner's address was exchanged for. */
const fromPage = async (method: string, path: string): Promise<Response> => {
  const signedIn = await exports.default.fetch(
    `http://localhost/?token=${encodeURIComponent(env.CURFEW_TOKEN)}`,
    { redirect: "manual" },
  );
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  return exports.default.fetch(`http://localhost${path}`, {
    method,
    headers: { cookie, origin: "http://localhost", "x-curfew": "1" },
  });
};

const closeByMcp = (town: string): Promise<Response> =>
  ask("/mcp", {
    method: "POST",
    headers: { accept: "application/json, text/event-stream", host: "localhost" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "close_town", arguments: { town } },
    }),
  });

/** The ledger says that it is closing, and its owner has lost that word. */
const closeBySweep = async (town: string): Promise<unknown> => {
  await env.LEDGER.prepare("UPDATE towns SET state = 'closing', changed_at = 0 WHERE id = ?")
    .bind(town)
    .run();
  return sweep(env);
};

const WAYS: Record<string, (town: string) => Promise<unknown>> = {
  "the page": (town) => fromPage("DELETE", `/api/towns/${town}`),
  HTTP: (town) => call("DELETE", `/api/towns/${town}`),
  MCP: closeByMcp,
  RPC: (town) => room.user("owner").closeTown(town, "by a stub"),
  "the sweep": closeBySweep,
};

describe("1182: “tRPC deleteTown calls TownDO.destroy() and TownContainerDO.destroy()”", () => {
  it.for(Object.entries(WAYS))(
    "by %s, a town ends by User.closeTown, Town.destroy and the purge",
    async ([, close]) => {
      const { town } = await townWithRig();
      const closeTown = vi.spyOn(User.prototype, "closeTown");
      const destroy = vi.spyOn(Town.prototype, "destroy");
      const purge = vi.spyOn(TownContainer.prototype, "purge");
      await close(town);
      expect(await gone(town)).toMatchObject({ agents: 1, containerExit: "killed" });
      expect(closeTown.mock.calls.map(([id]) => id)).toEqual([town]);
      expect(destroy).toHaveBeenCalled();
      expect(purge).toHaveBeenCalledTimes(1);
      expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    },
  );
});

describe("1182: “TownDO.destroy() destroys the TownContainerDO … and all AgentDOs”", () => {
  it("kills the container before it clears its object, and every agent's room with its transcript", async () => {
    const { town, agents } = await busyTown();
    await runInDurableObject(room.container(town), (_container, { storage }) =>
      storage.kv.put("state", "running"),
    );
    const kill = vi.spyOn(TownContainer.prototype, "kill");
    const purge = vi.spyOn(TownContainer.prototype, "purge");
    expect((await stored(room.agent(town, "mayor"))).tables["entries"]).not.toEqual([]);

    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    expect(await kill.mock.results[0]?.value).toMatchObject({ running: false, exitCode: 137 });
    expect(kill.mock.invocationCallOrder[0]).toBeLessThan(purge.mock.invocationCallOrder[0] ?? 0);
    expect(await stored(room.container(town))).toEqual({ keys: [], tables: {}, alarm: null });
    for (const agent of agents) expect(await room.agent(town, agent).probe()).toMatchObject(TOMBSTONE);
  });
});

describe("1182: “All sub-DO storage is cleared … everything”", () => {
  it("of a town's tables and keys only the tombstone is left, and of an agent's", async () => {
    const { town } = await busyTown();
    const before = await stored(room.town(town));
    const filled = Object.entries(before.tables).filter(([, rows]) => rows.length > 0);
    expect(filled.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "activity",
        "agents",
        "beads",
        "branches",
        "outbox",
        "messages",
        "rigs",
        "runs",
      ]),
    );
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    for (const stub of [room.town(town), room.agent(town, "polecat-1")])
      expect(await stored(stub)).toEqual({
        keys: [["vital", expect.objectContaining({ state: "dead" })]],
        tables: {},
        alarm: null,
      });
  });
});

describe("1182: “TownDO alarm does not re-arm after deletion (exit condition + resurrection prevention)”", () => {
  it("not by an alarm that was due, not by a touch, and not by a new instance's construction", async () => {
    const { town, agents } = await busyTown();
    await call("DELETE", `/api/towns/${town}`);
    await gone(town);
    const rooms = () => [room.town(town), ...agents.map((name) => room.agent(town, name))];
    for (const stub of rooms()) {
      expect(await runDurableObjectAlarm(stub)).toBe(false);
      await runInDurableObject(stub, (instance) =>
        (instance as unknown as { alarm(): Promise<void> }).alarm(),
      );
      await evictDurableObject(stub);
      await stub.fetch("http://localhost/");
      expect(await stub.probe()).toMatchObject({ vital: "dead", alarm: null });
    }
  });
});

describe("1182: “ensureContainerReady() only pings containers for towns with active work”", () => {
  it("nothing that looks at a town, and no alarm of an idle one, reaches its container", async () => {
    const idle = await idleTown();
    const { town: warm } = await townWithRig();
    await soon(async () => expect((await stored(room.town(warm))).tables["outbox"]).toEqual([]));
    const watched = watchContainers();
    for (const town of [idle, warm]) {
      const touches = (await call<TownView>("GET", `/api/towns/${town}`)).body.container.touches;
      for (const path of ["", "/rigs", "/beads", "/agents", "/activity", "/mayor/messages"])
        expect((await call("GET", `/api/towns/${town}${path}`)).status).toBe(200);
      const page = await openSocket(`/parties/town/${town}`);
      expect(await page.next()).toMatchObject({ type: "snapshot" });
      await runInDurableObject(room.town(town), (instance) => instance.alarm());
      expect((await call<TownView>("GET", `/api/towns/${town}`)).body.container.touches).toEqual(touches);
    }
    for (const method of watched) expect(method).not.toHaveBeenCalled();
    expect(await room.town(idle).probe()).toMatchObject({ alarm: null });
    expect((await call<TownView>("GET", `/api/towns/${warm}`)).body.wake?.why).toBe(
      "the container goes to sleep",
    );
  });
});

describe("1182: “Deleting a town from the UI results in: alarm stopped, container killed, storage cleared”", () => {
  it("by the page's own request, with its cookie", async () => {
    const { town } = await townWithRig();
    expect(await room.town(town).probe()).toMatchObject({ alarm: expect.any(Number) });
    expect((await fromPage("DELETE", `/api/towns/${town}`)).status).toBe(202);
    expect(await gone(town)).toMatchObject({ containerExit: "killed" });
    expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
    expect(await runInDurableObject(room.container(town), ({ life }) => life)).toBeNull();
  });
});

describe("1182: “Orphan sweep mechanism for catching leaked DOs”", () => {
  const charter = (town: string) => {
    const now = Date.now();
    return { id: "leak", issuedAt: now, expiresAt: now + 60_000, town, owner: "nobody", name: "Leak" };
  };

  it("ends a town that no owner's room knows: by the ledger, or by its id where not even that knows it", async () => {
    const [listed, unlisted] = ["t".padEnd(21, "x"), "t".padEnd(21, "y")] as const;
    for (const town of [listed, unlisted]) await room.town(town).found(charter(town));
    await env.LEDGER.prepare(
      "INSERT INTO towns (id, owner, name, state, changed_at) VALUES (?, 'nobody', 'Leak', 'open', 0)",
    )
      .bind(listed)
      .run();

    expect(await sweep(env)).toMatchObject({ ok: true, value: { healed: 1, errors: 0 } });
    expect(await room.town(listed).probe()).toMatchObject(TOMBSTONE);
    expect(await room.town(unlisted).probe()).toMatchObject({ vital: "alive" });

    await call("POST", "/api/admin/orphans", { ids: [unlisted], destroy: true });
    for (const town of [listed, unlisted]) {
      expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
      expect(await room.agent(town, "mayor").probe()).toMatchObject(TOMBSTONE);
    }
  });
});

describe("1182: “Compatibility date updated to 2026-02-24 or later”", () => {
  it("is written down, and in force: deleteAll() takes the alarm along", async () => {
    const [, date = ""] = /"compatibility_date": "([\d-]+)"/.exec(wrangler) ?? [];
    expect(date >= "2026-02-24", date).toBe(true);
    const stub = room.town("t".padEnd(21, "z"));
    await runInDurableObject(stub, async (_town, { storage }) => {
      await storage.setAlarm(Date.now() + 60_000);
      await storage.deleteAll();
      expect(await storage.getAlarm()).toBeNull();
    });
  });
});

// The last one: a closed account stays closed.
it("1182: closing an account, which that service had no word for, ends towns by the same Town.destroy and purge", async () => {
  const { town } = await townWithRig();
  const destroy = vi.spyOn(Town.prototype, "destroy");
  const purge = vi.spyOn(TownContainer.prototype, "purge");
  await call("DELETE", "/api/me");
  await soon(async () => expect(await room.town(town).probe()).toMatchObject(TOMBSTONE));
  expect(destroy).toHaveBeenCalled();
  expect(purge).toHaveBeenCalled();
});
