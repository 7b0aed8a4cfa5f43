import { beforeEach, describe, expect, test } from "vitest";
import { counted, fullScans } from "../support/plans.ts";
import { BASE, MERGE, openWorld, withRig, type World } from "./world.ts";

/**
 * What each event of a town costs at the most, in SQL statements, with nobody watching. A transaction that
 * changes nothing costs 8: three looks (is it active, what is its owner told) and the five of the facts.
 */
const BUDGET = {
  describe: 8,
  snapshot: 12,
  /** A word of the container that changes nothing new. */
  event: 10,
  /** The same, with a page to be told. */
  watchedEvent: 18,
  /** From the order to a polecat, hired, founded and handed to the container. */
  slingAndDispatch: 125,
  /** From the result of a turn to the merge that the container has taken. */
  resultAndMerge: 130,
  /** From a message to the turn that the container has taken. */
  messageAndTurn: 120,
  /** An alarm that finds a lease to extend. */
  leaseTick: 35,
  /** An alarm that finds nothing to do. */
  emptyTick: 18,
} as const;

let world: World;

beforeEach(async () => {
  world = await withRig(openWorld());
  await world.ring();
  world.played.watched = false;
});

const cost = (work: () => unknown): Promise<number> => counted(world.storage, work);

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
    expect(world.order("merge").bead).toBe("b1");
  });

  test("a message from its hand-over to its turn", async () => {
    const hand = async (): Promise<void> => {
      world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
      await world.ring();
    };
    expect(await cost(hand)).toBeLessThanOrEqual(BUDGET.messageAndTurn);
    expect(world.order("turn").message).toBe("m1");
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
    expect(await cost(() => world.event(up))).toBe(before);
  });
});

/** The statements that read a whole table, each with the reason why that is right. */
const WHOLE_TABLES: Readonly<Record<string, string>> = {
  "SELECT * FROM beads ORDER BY number": "the list of all beads",
  "SELECT * FROM agents WHERE founded = 1 AND status <> 'ended' ORDER BY rowid": "the list of all agents",
  "DELETE FROM activity WHERE seq <= (SELECT seq FROM activity ORDER BY seq DESC LIMIT 1 OFFSET ?)":
    "counts off the lines that are kept",
};

test("STYLE 8: every statement that a town runs goes by an index, but for these few", async () => {
  world.storage.statements.length = 0;
  world.played.watched = true;
  const { town } = world;
  await hire();
  town.snapshot(1);
  const turn = world.order("turn");
  const caller = { agent: turn.agent, process: turn.process };
  town.configure({ model: { baseUrl: "https://model.example", model: "m" }, sleepAfter: "5m" });
  const { call } = town.admit(caller);
  town.settle({ call, status: 200, inputTokens: 5, outputTokens: 7 });
  town.identify(caller);
  town.declareNoChange(caller, "It is so already.");
  await world.event({ type: "saved", bead: "b1", branch: "curfew/x/b1", commit: MERGE });
  await world.event(world.done(turn));
  const merge = world.order("merge");
  const { runId, fence } = merge;
  await world.event({ type: "intent", runId, fence, commit: MERGE, onto: BASE });
  const gate = { command: "npm test", exitCode: 0, output: "", durationMs: 5 };
  await world.event({ type: "gate", runId, fence, result: gate });
  await world.event({ type: "merged", runId, fence, result: { outcome: "merged", mergeCommit: MERGE } });
  town.diff("b1");
  town.gates("b1");
  town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
  await world.ring();
  town.cancelTurn("mayor");
  town.sling({ rig: "repo", title: "Once", body: "", key: "k" });
  town.cancelBead("b2");
  town.sling({ rig: "repo", title: "Can't be done", body: "" });
  await world.ring();
  const hopeless = world.order("turn");
  await world.event({
    type: "turned",
    runId: hopeless.runId,
    fence: hopeless.fence,
    agent: hopeless.agent,
    result: { outcome: "failed", reason: "It can't be done.", again: false },
  });
  town.retryBead("b3");
  await world.ring();
  world.played.pingAt = null;
  await world.pass(60 * 60_000);
  town.addRig({ name: "other", gitUrl: "/srv/other", gates: [] });
  await world.ring();
  const check = world.order("check");
  await world.hello("boot-2");
  await world.event(
    {
      type: "checked",
      runId: check.runId,
      fence: check.fence,
      rig: "other",
      result: { outcome: "failed", reason: "It isn't there." },
    },
    "boot-2",
  );
  town.rigs();
  town.beads();
  town.agents();
  town.activity(1);
  town.removeRig("repo");
  await world.pass(24 * 3_600_000);
  expect(new Set(world.storage.statements).size).toBeGreaterThan(60);
  expect(fullScans(world.storage)).toEqual(Object.keys(WHOLE_TABLES).toSorted());
});
