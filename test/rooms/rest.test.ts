import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Agent as AgentDomain } from "../../src/agent/agent.ts";
import { Town as TownDomain } from "../../src/town/town.ts";
import { User as UserDomain } from "../../src/user/user.ts";
import type { Town } from "../../src/protocol/town.ts";
import { call } from "./ask.ts";
import { ring, ringUntil, takeClock } from "./clock.ts";
import { ofRun, ordered } from "./played-container.ts";
import { room } from "./rooms.ts";
import { idleTown, sling, townWithRig } from "./scenes.ts";
import { openSocket } from "./socket.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const HALF_AN_HOUR_MS = 30 * 60_000;

const describeTown = async (town: string): Promise<Town> =>
  (await call<Town>("GET", `/api/towns/${town}`)).body;

describe("the exit condition", () => {
  it("R7: a town that was just founded has no alarm, nor has its mayor or its owner", async () => {
    const town = await idleTown();
    expect(await describeTown(town)).toMatchObject({ wake: null, container: { state: "asleep", life: 0 } });
    expect(await room.agent(town, "mayor").probe()).toMatchObject({ alarm: null, wake: null });
    expect(await runDurableObjectAlarm(room.town(town))).toBe(false);
  });

  it("R7, C7: after its work a town waits only for its container's sleep, and then has no alarm", async () => {
    const { town, container } = await townWithRig();
    await sling(town);
    const turn = await ordered(town, "turn");
    await container.tell({
      type: "turned",
      ...ofRun(turn),
      agent: turn.agent,
      result: { outcome: "failed", reason: "It can't be done.", again: false },
    });
    const ended = Date.now();
    await soon(async () => expect((await describeTown(town)).wake?.why).toBe("the container goes to sleep"));
    const { container: warm } = await describeTown(town);
    expect(warm).toMatchObject({ state: "awake" });
    expect(warm.sleepsAt).toBeLessThanOrEqual(ended + HALF_AN_HOUR_MS);

    const sleep = { at: warm.sleepsAt, why: "the container goes to sleep" };
    expect(await room.town(town).probe()).toMatchObject({ alarm: warm.sleepsAt, wake: sleep });

    takeClock();
    expect(await ring(room.town(town))).toBe(warm.sleepsAt);
    await ringUntil(room.town(town), async () =>
      expect(await describeTown(town)).toMatchObject({ wake: null, container: { state: "asleep" } }),
    );
    expect(await room.town(town).probe()).toMatchObject({ alarm: null, wake: null });
    expect(await describeTown(town)).toMatchObject({
      wake: null,
      container: { state: "asleep", sleepsAt: null, lastExit: { code: 0 } },
    });
  });
});

describe("looking", () => {
  it("R5, C3: writes nothing and arms nothing: pages, sockets, probes, the transcript, the sweep's look", async () => {
    const town = await idleTown();
    await call("POST", `/api/towns/${town}/mayor/messages`, { id: "m1", text: "Hello?" });
    await ordered(town, "turn");
    await soon(async () => expect((await describeTown(town)).wake?.why).not.toBe("a peer must be told"));
    const rooms = () =>
      Promise.all([stored(room.user("owner")), stored(room.town(town)), stored(room.agent(town, "mayor"))]);
    const before = await rooms();
    const touched = await runInDurableObject(room.container(town), ({ orders }) => orders.length);

    for (const path of ["", "/rigs", "/beads", "/agents", "/agents/mayor", "/activity", "/mayor/messages"])
      expect((await call("GET", `/api/towns/${town}${path}`)).status).toBe(200);
    for (const path of [`Town/${town}`, `Agent/${town}.mayor`, "User/owner", "Town/nobody", "Agent/no.body"])
      expect((await call("GET", `/api/admin/rooms/${path}`)).status).toBe(200);
    for (const path of ["user/owner", `town/${town}`, `agent/${town}.mayor`]) {
      const socket = await openSocket(`/parties/${path}`);
      expect(await socket.next()).toMatchObject({ type: "snapshot", since: null });
      socket.send("ping");
      expect(await socket.next()).toBe("pong");
      socket.close();
      await socket.closed;
    }

    expect(await rooms()).toEqual(before);
    expect(await runInDurableObject(room.container(town), ({ orders }) => orders.length)).toBe(touched);
  });

  it("R5: creates nothing where nothing is", async () => {
    await call("GET", "/api/admin/rooms/Town/never");
    await call("GET", "/api/admin/rooms/Agent/never.mayor");
    expect(await stored(room.town("never"))).toEqual({ keys: [], tables: {}, alarm: null });
    expect(await stored(room.agent("never", "mayor"))).toEqual({ keys: [], tables: {}, alarm: null });
  });
});

describe("an alarm handler whose work throws", () => {
  it.for([
    { kind: "Town", domain: TownDomain, of: (town: string) => room.town(town) },
    { kind: "Agent", domain: AgentDomain, of: (town: string) => room.agent(town, "mayor") },
    { kind: "User", domain: UserDomain, of: () => room.user("owner") },
  ])("R8: re-arms itself instead of throwing: $kind", async ({ domain, of }) => {
    const town = await idleTown();
    takeClock();
    const stub = of(town) as DurableObjectStub<never>;
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(domain.prototype, "onAlarm").mockRejectedValueOnce(new Error("the disk is full"));
    await runInDurableObject(stub, (_room, { storage }) => storage.setAlarm(Date.now()));

    const rang = await ring(stub);
    const again = await stored(stub);
    expect(again.alarm).toBe(rang + 30_000);

    await ring(stub);
    expect((await stored(stub)).alarm).toBeNull();
  });
});
