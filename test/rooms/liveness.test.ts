import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Bead } from "../../src/protocol/bead.ts";
import type { Town as TownView } from "../../src/protocol/town.ts";
import { call } from "./ask.ts";
import { ring, ringUntil, takeClock } from "./clock.ts";
import { dial, ofRun, ordered, ordersOf, type PlayedContainer } from "./played-container.ts";
import { room } from "./rooms.ts";
import { sling, townWithRig } from "./scenes.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Town } from "./worker.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const LEASE_MS = 60_000;
const GRACE_MS = 15_000;

const bead = async (town: string): Promise<Bead> =>
  (await call<Bead>("GET", `/api/towns/${town}/beads/b1`)).body;

const wake = async (town: string) => (await call<TownView>("GET", `/api/towns/${town}`)).body.wake;

/**
 * A town whose polecat-1 is at work on b1. From here on the clock stands still until the test moves it;
 * what is due at once happens by itself.
 */
const atWork = async () => {
  const { town, container } = await townWithRig();
  takeClock(0);
  await sling(town);
  const turn = await ordered(town, "turn");
  await soon(async () => expect((await wake(town))?.why).toBe("a lease is due"));
  return { town, container, turn };
};

/** Lets the container's socket go, as a machine that lost its network does. */
const lose = async (town: string, container: PlayedContainer): Promise<void> => {
  container.socket.close();
  await soon(async () => expect((await wake(town))?.why).toBe("a container's socket is away"));
};

describe("a container's lease", () => {
  it("C5: is extended by a ping, which the runtime answers without waking the town", async () => {
    const { town, container } = await atWork();
    await evictDurableObject(room.town(town));
    const heard = vi.spyOn(Town.prototype, "webSocketMessage");
    const before = await wake(town);
    container.socket.send("ping");
    expect(await container.socket.next()).toBe("pong");
    expect(heard).not.toHaveBeenCalled();
    expect(await wake(town)).toEqual(before);

    const looked = await ring(room.town(town));
    const after = await wake(town);
    expect(after?.why).toBe("a lease is due");
    expect(after?.at).toBeGreaterThan(looked);
    expect(after?.at).toBeLessThanOrEqual(looked + LEASE_MS);
    expect((await bead(town)).status).toBe("in_progress");
  });

  it("C5: is lost without one: the container is killed, and its work goes back with the reason", async () => {
    const { town } = await atWork();
    await ring(room.town(town));
    await soon(async () =>
      expect(await bead(town)).toMatchObject({
        status: "open",
        reason: "The container was not heard of any more.",
      }),
    );
    expect(await runInDurableObject(room.container(town), ({ life }) => life)).toBeNull();
  });

  it("C5, hole (m): that is looked at a whole lease too late is granted once more: a laptop slept", async () => {
    const { town } = await atWork();
    vi.setSystemTime(Date.now() + 3_600_000);
    await ring(room.town(town));
    expect(await wake(town)).toEqual({ at: Date.now() + LEASE_MS, why: "a lease is due" });
    expect((await bead(town)).status).toBe("in_progress");
  });
});

describe("a container's socket that is away", () => {
  it("C6: loses the container's runs after the grace", async () => {
    const { town, container } = await atWork();
    const lostAt = Date.now();
    await lose(town, container);
    expect((await wake(town))?.at).toBeLessThanOrEqual(Date.now() + GRACE_MS);
    expect((await wake(town))?.at).toBeGreaterThanOrEqual(lostAt + GRACE_MS);
    await ring(room.town(town));
    await soon(async () =>
      expect(await bead(town)).toMatchObject({
        status: "open",
        reason: "The container's connection was lost.",
      }),
    );
  });

  it("C6: loses nothing when it is back within the grace, with the same boot", async () => {
    const { town, container, turn } = await atWork();
    await lose(town, container);
    await dial(town, { runs: [ofRun(turn)], n: 1 });
    expect((await wake(town))?.why).toBe("a lease is due");
    expect(await bead(town)).toMatchObject({ status: "in_progress", reason: null });
  });

  it("C6: is no reason to wake when nothing runs", async () => {
    const { town, container } = await townWithRig();
    takeClock(0);
    await soon(async () => expect((await wake(town))?.why).toBe("the container goes to sleep"));
    container.socket.close();
    await soon(async () =>
      expect(JSON.stringify((await stored(room.town(town))).keys)).toMatch(/"lostAt":\d/),
    );
    expect((await wake(town))?.why).toBe("the container goes to sleep");
  });

  it("C2, hole (f): loses the runs that were live when the container comes back as another boot", async () => {
    const { town, container, turn } = await atWork();
    await lose(town, container);
    await dial(town, { boot: "another", runs: [] });
    expect(await bead(town)).toMatchObject({
      status: "open",
      reason: "The container was restarted, and the run with it.",
    });
    await ringUntil(room.town(town), async () => expect(await ordersOf(town, "turn")).toHaveLength(2));
    expect((await ordered(town, "turn", 2)).fence).toBeGreaterThan(turn.fence);
  });

  it("W1: is told on its return which of its runs are none any more", async () => {
    const { town, container, turn } = await atWork();
    await call("POST", `/api/towns/${town}/beads/b1/cancel`);
    await lose(town, container);
    vi.setSystemTime(Date.now() + 3_600_000);
    const back = await dial(town, { runs: [ofRun(turn), { runId: "r99", fence: 99 }] });
    const welcome = back.socket.heard.map((text) => JSON.parse(text) as { type: string; cancel?: string[] });
    expect(welcome.find(({ type }) => type === "welcome")?.cancel).toContain("r99");
  });
});
