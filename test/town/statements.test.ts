import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOfTown, rosterOf, strikeOff } from "../../src/town/end/known.ts";
import { FIRST_PAGE } from "../../src/protocol/page.ts";
import { FactCache } from "../../src/town/cache.ts";
import { fullScans, notRun } from "../support/plans.ts";
import { openStorage } from "../support/sqlite.ts";
import { BASE, MERGE, openWorld, withRig, type World } from "./world.ts";

const SOURCES = join(import.meta.dirname, "../../src/town");

const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(SOURCES, file), "utf8") }));

/** The statements that read a whole table, each with the reason why that is right. */
const WHOLE_TABLES: Readonly<Record<string, string>> = {
  "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?": "an end looks which tables there are",
  "SELECT rig, branch FROM branches ORDER BY rig, branch LIMIT ?": "the receipt lists all branches",
  "DELETE FROM activity WHERE seq <= (SELECT seq FROM activity ORDER BY seq DESC LIMIT 1 OFFSET ?)":
    "counts off the lines that are kept",
};

const hire = async (world: World): Promise<void> => {
  world.town.sling({ rig: "repo", title: "Say hello", body: "" });
  await world.ring();
};

/** A town to which everything happens that makes it ask or write, up to its end. */
const eventful = async (): Promise<World> => {
  const world = openWorld();
  // What made the tables is no matter of plans.
  world.storage.statements.length = 0;
  await withRig(world);
  const { town } = world;
  world.played.watched = true;
  await hire(world);
  town.snapshot(1);
  town.snapshot(null);
  const turn = world.order("turn");
  const caller = { agent: turn.agent, process: turn.process };
  const model = { baseUrl: "https://model.example", model: "m" };
  town.configure({ model, sleepAfter: "5m", caps: { tokens: 1_000_000 } });
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
  town.gate("b1", `${runId}.0`);
  town.beadRuns("b1");
  town.take({ agent: "mayor", id: "m1", entry: 1, text: "Hello?" });
  await world.ring();
  const first = world.order("turn");
  await world.event({
    type: "turned",
    runId: first.runId,
    fence: first.fence,
    agent: "mayor",
    result: { outcome: "failed", reason: "The agent's process ended.", again: true },
  });
  await world.pass(10_000);
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
  for (const status of [null, "failed"] as const) {
    const query = { ...FIRST_PAGE, status };
    town.rigs(query);
    town.beads(query);
    town.agents(query);
  }
  town.activity(1);
  town.removeRig("repo");
  await world.pass(24 * 3_600_000);
  // An owner who is out of reach, and a room that is founded when its charter has long expired.
  Object.assign(world.ports.owner, { tell: () => Promise.reject(new Error("out of reach")) });
  town.configure({ name: "Another" });
  await world.ring();
  await town.foundMayor();
  const { sql, kv } = world.storage;
  endOfTown(sql, kv);
  for (const { name } of rosterOf(sql, "", 20)) strikeOff(sql, name);
  return world;
};

test("every statement of src/town goes by an index, but for these few", async () => {
  const { storage } = await eventful();
  expect(fullScans(storage)).toEqual(Object.keys(WHOLE_TABLES).toSorted());
  expect(new Set(storage.statements).size).toBeGreaterThan(80);
  expect(notRun(storage, "town")).toEqual([]);
});

test("a living town writes by its transactions only, so that nothing it knows grows old", () => {
  const others = sources.filter(({ text }) => /(?<!tx\.)\bsql\.run\(/.test(text)).map(({ file }) => file);
  // Its end, and the transaction over what it knows.
  expect(others.toSorted()).toEqual(["cache.ts", "end/known.ts", "tx.ts"]);
});

test.for([
  "WITH late AS (SELECT 1) UPDATE beads SET held = 1",
  "REPLACE INTO outbox (id) VALUES ('e')",
  "DROP TABLE beads",
])("what a town knows can't be changed by a statement whose table is unclear: %s", (statement) => {
  const { sql } = new FactCache(openStorage().sql);
  expect(() => sql.run(statement)).toThrow("unclear");
});

test("nor by one that both writes and asks", () => {
  const { sql } = new FactCache(openStorage().sql);
  expect(() => sql.all("UPDATE beads SET held = 1 RETURNING number")).toThrow("no question");
});

test("what was read in a transaction that came to nothing is not believed", async () => {
  const world = await withRig(openWorld());
  const { arm } = world.ports;
  const full = (): never => {
    throw new Error("the disk is full");
  };
  Object.assign(world.ports, { arm: full });
  expect(() => world.town.sling({ rig: "repo", title: "Never slung" })).toThrow("the disk is full");
  Object.assign(world.ports, { arm });
  await world.town.onAlarm();
  expect(world.town.beads().items).toEqual([]);
  expect(world.orders.map(({ order }) => order.kind)).toEqual(["check"]);
});

test("what its owner is told follows what waits for a person", async () => {
  const world = await withRig(openWorld());
  const told: boolean[] = [];
  Object.assign(world.ports.owner, {
    tell: async ({ needsYou }: { needsYou: boolean }) => {
      told.push(needsYou);
      return { ok: true, value: null };
    },
  });
  await hire(world);
  const { runId, fence, agent } = world.order("turn");
  const result = { outcome: "failed", reason: "It can't be done.", again: false } as const;
  await world.event({ type: "turned", runId, fence, agent, result });
  expect(told.at(-1)).toBe(true);
  world.town.retryBead("b1");
  await world.ring();
  expect(told.at(-1)).toBe(false);
});
