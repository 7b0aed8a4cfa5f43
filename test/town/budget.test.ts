import { beforeEach, describe, expect, test } from "vitest";
import { counted } from "../support/plans.ts";
import { MERGE, openWorld, withRig, type World } from "./world.ts";

/**
 * What each event of a town costs at the most, in SQL statements: in a new instance, which must read all
 * that a transaction needs to know (eight statements), and with nobody watching. The service of the
 * reports ran 44 to 54 at each tick of its alarm.
 */
const BUDGET = {
  describe: 7,
  /** A statement for each status of beads and agents, whatever their number. */
  snapshot: 22,
  /** A word of the container that changes nothing new. */
  event: 8,
  /** The same, with a page to be told. */
  watchedEvent: 11,
  /** From the order to a polecat, hired, founded and handed to the container. */
  slingAndDispatch: 46,
  /** From the result of a turn to the merge that the container has taken. */
  resultAndMerge: 50,
  /** A merge that is done: the bead is closed. */
  merged: 17,
  /** From a message to the turn that the container has taken. */
  messageAndTurn: 40,
  /** The end of the mayor's turn: the mayor waits, and its room and the owner are told. */
  turned: 29,
  /** An alarm that finds a lease to extend. */
  leaseTick: 8,
  /** An alarm that lets the container sleep, and the owner know it. */
  sleepTick: 26,
  /** An alarm that finds nothing to do. */
  emptyTick: 6,
} as const;

let world: World;

beforeEach(async () => {
  world = await withRig(openWorld());
  await world.ring();
  world.played.watched = false;
});

/** In a new instance, which knows nothing yet: so it is for a room that was evicted before. */
const cost = (work: () => unknown): Promise<number> => {
  world.evict();
  return counted(world.storage, work);
};

const hire = async (): Promise<void> => {
  world.town.sling({ rig: "repo", title: "Say hello", body: "" });
  await world.ring();
};

describe("the budget of statements", () => {
  test("looking: a description and a page's first frame", async () => {
    expect(await cost(() => world.town.describe())).toBeLessThanOrEqual(BUDGET.describe);
    expect(await cost(() => world.town.snapshot(null))).toBeLessThanOrEqual(BUDGET.snapshot);
  });

  test("an event, unwatched and watched", async () => {
    const up = { type: "process", agent: "mayor", process: "p9", state: "up", reason: null } as const;
    expect(await cost(() => world.event(up))).toBeLessThanOrEqual(BUDGET.event);
    world.played.watched = true;
    expect(await cost(() => world.event(up))).toBeLessThanOrEqual(BUDGET.watchedEvent);
  });

  test("a bead from order to dispatch, and from its result to its merge", async () => {
    expect(await cost(hire)).toBeLessThanOrEqual(BUDGET.slingAndDispatch);
    const turn = world.order("turn");
    expect(await cost(() => world.event(world.done(turn)))).toBeLessThanOrEqual(BUDGET.resultAndMerge);
    const { runId, fence, bead } = world.order("merge");
    expect(bead).toBe("b1");
    const result = { outcome: "merged", mergeCommit: MERGE } as const;
    const merged = (): Promise<void> => world.event({ type: "merged", runId, fence, result });
    expect(await cost(merged)).toBeLessThanOrEqual(BUDGET.merged);
    expect(world.town.bead("b1").status).toBe("closed");
  });

  test("a message from its hand-over to its turn, and to the end of that", async () => {
    const hand = async (): Promise<void> => {
      world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
      await world.ring();
    };
    expect(await cost(hand)).toBeLessThanOrEqual(BUDGET.messageAndTurn);
    const { runId, fence, message } = world.order("turn");
    expect(message).toBe("m1");
    const result = { outcome: "talked" } as const;
    const answer = (): Promise<void> => world.event({ type: "turned", runId, fence, agent: "mayor", result });
    expect(await cost(answer)).toBeLessThanOrEqual(BUDGET.turned);
    expect(world.town.agent("mayor").status).toBe("waiting");
  });

  test("an alarm that lets the container sleep", async () => {
    const { sleepsAt } = world.town.describe().container;
    expect(await cost(() => world.pass((sleepsAt ?? 0) - world.now))).toBeLessThanOrEqual(BUDGET.sleepTick);
    expect(world.town.describe().container.state).toBe("asleep");
  });

  test("an alarm: a lease to extend, or nothing to do", async () => {
    await hire();
    world.played.pingAt = world.now + 50_000;
    const lease = world.config.leaseMs;
    expect(await cost(() => world.pass(lease))).toBeLessThanOrEqual(BUDGET.leaseTick);
    expect(await cost(() => world.town.onAlarm())).toBeLessThanOrEqual(BUDGET.emptyTick);
  });

  test("the cost of an event doesn't grow with the town: a thousand beads make it no dearer", async () => {
    const up = { type: "process", agent: "mayor", process: "p9", state: "up", reason: null } as const;
    const before = await cost(() => world.event(up));
    for (let n = 0; n < 1000; n += 1) world.town.sling({ rig: "repo", title: `Bead ${n}`, body: "" });
    await world.ring();
    expect(await cost(() => world.event(up))).toBeLessThanOrEqual(before);
  });
});
