import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LedgerRow, LedgerState } from "../../src/ledger/ledger.ts";
import { runSweep, type SweepPorts } from "../../src/ledger/sweep.ts";
import { stillbornReceipt } from "../support/stillborn.ts";
import type { Located } from "../../src/rooms/user.ts";
import { DAY_MS, HOUR_MS, playLedger } from "./played-ledger.ts";

beforeEach(() => vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

const NOW = 100 * DAY_MS;
const GRACE_MS = 10 * 60_000;

const row = (n: number, state: LedgerState, changedAt = NOW - HOUR_MS): LedgerRow => ({
  id: `t${n}`,
  owner: "owner",
  name: `Town ${n}`,
  state,
  changedAt,
});

/** What the owner says of a town in this state. */
const located = (state: LedgerState): Located =>
  state === "founding" || state === "open"
    ? { state }
    : { state, name: "Elm", foundedAt: 0, receipt: { ...stillbornReceipt("Town", "closed", 0), agents: 7 } };

/** A sweep over a played ledger; `did` is what it did to towns, in order. */
const openWorld = (rows: LedgerRow[], given: Partial<SweepPorts> = {}) => {
  const ledger = playLedger(...rows);
  const did: string[] = [];
  const time = { now: NOW };
  const ports: SweepPorts = {
    ledger,
    now: () => time.now,
    graceMs: GRACE_MS,
    cap: 50,
    claimed: async () => located("open"),
    close: async ({ id }) => void did.push(`close ${id}`),
    destroy: async ({ id }) => {
      did.push(`destroy ${id}`);
      return { ...stillbornReceipt(`Town ${id}`, "swept", time.now), agents: 3 };
    },
    forget: async ({ id, agents }) => void did.push(`forget ${id} and ${agents} agents`),
    ...given,
  };
  return { ledger, did, time, sweep: () => runSweep(ports) };
};

describe("the sweep", () => {
  test("hole (e): a town that the ledger never saw opened, but its owner claims, is healed and not ended", async () => {
    const world = openWorld([row(1, "founding")]);
    expect(await world.sweep()).toEqual({ examined: 1, healed: 1, skipped: 0, errors: 0 });
    expect(world.ledger.rows.get("t1")).toMatchObject({ state: "open", changedAt: NOW });
    expect(world.did).toEqual([]);
  });

  test("R17: a town that nobody claims is destroyed, and the ledger keeps its receipt", async () => {
    const world = openWorld([row(1, "open")], { claimed: async () => null });
    expect(await world.sweep()).toMatchObject({ examined: 1, healed: 1 });
    expect(world.did).toEqual(["destroy t1"]);
    expect(world.ledger.rows.get("t1")).toMatchObject({ state: "gone", receipt: { agents: 3 } });
  });

  test("a town that nobody claims and that can't end at once is looked at again until it has", async () => {
    let tries = 0;
    const world = openWorld([row(1, "founding")], {
      claimed: async () => null,
      destroy: async ({ id }) => {
        tries += 1;
        const receipt = stillbornReceipt(`Town ${id}`, "swept", NOW);
        return tries < 3 ? { ...receipt, state: "closing" } : receipt;
      },
    });
    for (let n = 0; n < 4; n += 1) {
      await world.sweep();
      world.time.now += GRACE_MS + 1;
    }
    expect(tries).toBe(3);
    expect(world.ledger.rows.get("t1")?.state).toBe("gone");
  });

  test("R22: an open town that nobody claims is looked at again after the grace, not a day later, when it can't be ended", async () => {
    let tries = 0;
    const world = openWorld([row(1, "open")], {
      claimed: async () => null,
      destroy: async ({ id }) => {
        tries += 1;
        if (tries === 1) throw new Error("overloaded");
        return stillbornReceipt(`Town ${id}`, "swept", NOW);
      },
    });
    expect(await world.sweep()).toMatchObject({ errors: 1 });
    expect(world.ledger.rows.get("t1")?.state).toBe("closing");
    world.time.now += GRACE_MS + 1;
    expect(await world.sweep()).toMatchObject({ healed: 1, errors: 0 });
    expect(world.ledger.rows.get("t1")?.state).toBe("gone");
  });

  test.for([
    ["founding", "its founding was cut off"],
    ["closing", "its end was cut off"],
  ] as const)(
    "R17: a town whose owner says %s goes on to its end through its owner: %s",
    async ([claimed]) => {
      const world = openWorld([row(1, claimed)], { claimed: async () => located(claimed) });
      expect(await world.sweep()).toMatchObject({ healed: 1 });
      expect(world.did).toEqual(["close t1"]);
    },
  );

  test("a town that its owner knows as gone only leaves its row behind: the row is healed, with the receipt", async () => {
    const world = openWorld([row(1, "closing")], { claimed: async () => located("gone") });
    expect(await world.sweep()).toMatchObject({ healed: 1 });
    expect(world.ledger.rows.get("t1")).toMatchObject({ state: "gone", receipt: { agents: 7 } });
    expect(world.did).toEqual([]);
  });

  test("health: open towns that are claimed are only looked at, and healed stays 0", async () => {
    const world = openWorld([row(1, "open"), row(2, "open")]);
    expect(await world.sweep()).toEqual({ examined: 2, healed: 0, skipped: 2, errors: 0 });
    expect(await world.sweep()).toEqual({ examined: 0, healed: 0, skipped: 0, errors: 0 });
    expect(world.did).toEqual([]);
  });

  test.for(["claimed", "close", "destroy"] as const)(
    "an error of a store is no reason to kill: %s fails, the town is skipped and looked at again",
    async (port) => {
      const fault = vi.fn<() => Promise<never>>().mockRejectedValue(new Error("the store is away"));
      const world = openWorld([row(1, "closing")], {
        claimed: async () => (port === "close" ? located("closing") : null),
        [port]: fault,
      });
      expect(await world.sweep()).toEqual({ examined: 1, healed: 0, skipped: 0, errors: 1 });
      expect(world.ledger.rows.get("t1")?.state).toBe("closing");
      expect(world.did).toEqual([]);
      world.time.now += GRACE_MS + 1;
      expect(await world.sweep()).toMatchObject({ examined: 1, errors: 1 });
    },
  );

  test("every suspect leaves the set for a grace, failed ones too: none is looked at in a circle", async () => {
    const rows = [row(1, "founding"), row(2, "closing"), row(3, "open")];
    const world = openWorld(rows, { claimed: () => Promise.reject(new Error("away")) });
    expect(await world.sweep()).toMatchObject({ examined: 3, errors: 3 });
    expect(await world.sweep()).toMatchObject({ examined: 0 });
    world.time.now += GRACE_MS + 1;
    expect(await world.sweep()).toMatchObject({ examined: 2 });
    world.time.now += DAY_MS;
    expect(await world.sweep()).toMatchObject({ examined: 3 });
  });

  test("what changed within the grace is left alone", async () => {
    const world = openWorld([row(1, "founding", NOW - GRACE_MS), row(2, "closing", NOW)]);
    expect(await world.sweep()).toMatchObject({ examined: 0 });
  });

  test("no run looks at more than its cap, and the next ones get to the rest", async () => {
    const rows = Array.from({ length: 12 }, (_, n) => row(n, n % 2 === 0 ? "closing" : "open"));
    const world = openWorld(rows, { cap: 5, claimed: async ({ state }) => located(state) });
    const examined: number[] = [];
    for (let n = 0; n < 4; n += 1) examined.push((await world.sweep()).examined);
    expect(examined).toEqual([5, 5, 2, 0]);
    expect(new Set(world.did)).toEqual(new Set([0, 2, 4, 6, 8, 10].map((n) => `close t${n}`)));
  });

  test("R22: suspects that never get better starve nobody: each gets its turn, whatever the others do", async () => {
    const CRON_MS = 15 * 60_000;
    const stuck = Array.from({ length: 12 }, (_, n) => row(n, "closing", NOW - DAY_MS + n));
    const world = openWorld([...stuck, row(12, "founding"), row(13, "open", NOW - HOUR_MS)], {
      cap: 5,
      claimed: async ({ id }) => {
        world.did.push(`look at ${id}`);
        if (id === "t13") return null;
        throw new Error("away");
      },
    });
    for (let n = 0; n < 3; n += 1) {
      await world.sweep();
      world.time.now += CRON_MS;
    }
    for (const { id } of [...stuck, row(12, "founding")]) expect(world.did).toContain(`look at ${id}`);
    expect(world.ledger.rows.get("t13")?.state).toBe("gone");
  });

  test("R22: a suspect that never answers is given up, and one whose look was cut off by a crash is not the first again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const world = openWorld([row(1, "closing", NOW - DAY_MS), row(2, "closing")], {
      claimed: async ({ state }) => located(state),
      close: ({ id }) => {
        world.did.push(`close ${id}`);
        return id === "t1" ? new Promise(() => {}) : Promise.resolve();
      },
    });
    const swept = world.sweep();
    await expect.poll(() => world.did).toEqual(["close t1"]);
    expect(world.ledger.rows.get("t1")?.checkedAt).toBe(NOW);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await swept).toEqual({ examined: 2, healed: 1, skipped: 0, errors: 1 });
    expect(world.did).toEqual(["close t1", "close t2"]);
    vi.useRealTimers();
  });

  test("tombstones that can't be removed leave the set for a day, so that they don't hold up the others'", async () => {
    const long = NOW - 40 * DAY_MS;
    const forget = vi.fn<SweepPorts["forget"]>(async ({ id }) => {
      if (id !== "t9") throw new Error("it lives");
    });
    const world = openWorld([...[1, 2, 3].map((n) => row(n, "gone", long)), row(9, "gone", long + 1)], {
      cap: 3,
      forget,
    });
    expect(await world.sweep()).toMatchObject({ errors: 3 });
    expect(await world.sweep()).toMatchObject({ errors: 0 });
    expect(world.ledger.rows.get("t9")?.forgottenAt).toBe(NOW);
    world.time.now += DAY_MS + 1;
    expect(await world.sweep()).toMatchObject({ errors: 3 });
  });

  test("tombstones are removed 30 days after the end, once, and a failure is tried again", async () => {
    const forget = vi.fn<SweepPorts["forget"]>();
    forget.mockRejectedValueOnce(new Error("a room is away")).mockResolvedValue();
    const world = openWorld([row(1, "gone", NOW - 31 * DAY_MS), row(2, "gone", NOW - 28 * DAY_MS)], {
      forget,
    });
    expect(await world.sweep()).toEqual({ examined: 0, healed: 0, skipped: 0, errors: 1 });
    const nextDay = (world.time.now += DAY_MS + 1);
    for (let n = 0; n < 2; n += 1) expect(await world.sweep()).toMatchObject({ errors: 0 });
    expect(forget.mock.calls.map(([{ id }, goneBefore]) => [id, goneBefore])).toEqual([
      ["t1", NOW - 30 * DAY_MS],
      ["t1", nextDay - 30 * DAY_MS],
    ]);
    expect(world.ledger.rows.get("t1")?.forgottenAt).toBe(nextDay);
  });
});
