import { expect, test } from "vitest";
import { fullScans, notRun } from "../support/plans.ts";
import { openWorld } from "./world.ts";

const lost = new Error("the town was reset");

test("M1: a message is stored before it is acknowledged, and the same id is the same message", async () => {
  const world = openWorld();
  const first = world.agent.say({ id: "m1", text: "Hello?" });
  expect(world.agent.say({ id: "m1", text: "Hello, once more?" })).toEqual(first);
  expect(world.agent.transcript().items).toMatchObject([{ message: "m1", text: "Hello?", state: "queued" }]);
  await world.settled();
  expect(world.played.taken).toMatchObject([{ id: "m1", entry: first.seq }]);
});

test("M2: an alarm is set until the town has taken the message, and none after", async () => {
  const world = openWorld();
  const answer = Promise.withResolvers<{ ok: true; value: null }>();
  world.played.take = () => answer.promise;
  world.agent.say({ id: "m1", text: "Hello?" });
  expect(world.alarm).toBe(world.time.now + 30_000);
  answer.resolve({ ok: true, value: null });
  await world.settled();
  expect(world.alarm).toBeNull();
});

test("M2: what a lost instance left is handed over by the alarm", async () => {
  const world = openWorld();
  const { take } = world.played;
  world.played.take = () => new Promise(() => {});
  world.agent.say({ id: "m1", text: "Hello?" });
  world.evict();
  world.played.take = take;
  await world.ring();
  expect(world.played.taken).toMatchObject([{ id: "m1", text: "Hello?" }]);
  expect(world.alarm).toBeNull();
});

test("M3: messages are handed over in order, and the second waits until the first is taken", async () => {
  const world = openWorld();
  const { take } = world.played;
  world.played.take = () => Promise.reject(lost);
  world.agent.say({ id: "m1", text: "One" });
  world.agent.say({ id: "m2", text: "Two" });
  await world.settled();
  expect(world.played.taken).toEqual([]);
  world.played.take = take;
  await world.ring();
  expect(world.played.taken.map(({ id }) => id)).toEqual(["m1", "m2"]);
});

test("M3: a hand-over that fails is tried again with doubling waits, for as long as it takes", async () => {
  const world = openWorld();
  let tries = 0;
  world.played.take = () => {
    tries += 1;
    return tries % 2 === 0 ? Promise.reject(lost) : Promise.resolve({ ok: false, problem: {} as never });
  };
  world.agent.say({ id: "m1", text: "Hello?" });
  await world.settled();
  const waits: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    waits.push((world.alarm ?? Number.NaN) - world.time.now);
    await world.ring();
  }
  expect(tries).toBe(13);
  expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(waits.at(-1)).toBe(300_000);
});

test("M4: the end of a run that was lost, told late, doesn't undo what a later run did to the message", async () => {
  const world = openWorld();
  const word = (kind: "begin" | "end", fence: number, state: "queued" | "done" = "done") =>
    world.agent.told({ kind, run: `r${fence}`, fence, message: "m1", state, notice: null });
  const state = () => world.agent.transcript().items.map((entry) => "state" in entry && entry.state);
  world.agent.say({ id: "m1", text: "Hello?" });
  word("begin", 1);
  word("begin", 2);
  word("end", 1, "queued");
  expect(state()).toEqual(["delivered"]);
  word("end", 2);
  word("end", 1, "queued");
  expect(state()).toEqual(["done"]);
});

test("M4: the end of a message's run counts even if another message's run has begun", () => {
  const world = openWorld();
  world.agent.say({ id: "m1", text: "One" });
  world.agent.say({ id: "m2", text: "Two" });
  const notice = { level: "error", text: "This got no answer." } as const;
  world.agent.told({ kind: "begin", run: "r1", fence: 1, message: "m1" });
  world.agent.told({ kind: "begin", run: "r2", fence: 2, message: "m2" });
  for (let n = 0; n < 2; n += 1)
    world.agent.told({ kind: "end", run: "r1", fence: 1, message: "m1", state: "failed", notice });
  expect(world.agent.transcript().items.toReversed()).toMatchObject([
    { message: "m1", state: "failed" },
    { message: "m2", state: "delivered" },
    { kind: "notice", ...notice },
  ]);
});

test("every statement of an agent's room goes by an index", async () => {
  const world = openWorld();
  const { take } = world.played;
  world.played.take = () => Promise.reject(lost);
  world.agent.say({ id: "m1", text: "Hello?" });
  await world.settled();
  world.played.take = take;
  await world.agent.handOver(true);
  world.agent.told({ kind: "begin", run: "r1", fence: 1, message: "m1" });
  world.hello();
  world.tell({ n: 1, event: { type: "text", id: "t", append: "Hi" } });
  world.tell({ n: 2, event: { type: "text", id: "t", append: " there" } });
  world.tell({ n: 3, event: { type: "plan", id: "p", items: [] } });
  world.tell({ n: 4, event: { type: "plan", id: "p", items: [] } });
  const notice = { level: "info", text: "Done." } as const;
  world.agent.told({ kind: "end", run: "r1", fence: 1, message: "m1", state: "done", notice });
  world.agent.snapshot(null);
  world.agent.snapshot(1);
  world.agent.transcript();
  world.agent.transcript(0);
  world.agent.history();
  expect(world.storage.statements.length).toBeGreaterThan(20);
  // The last page, by the primary key: it ends at its limit.
  expect(fullScans(world.storage)).toEqual([]);
  expect(notRun(world.storage, "agent")).toEqual([]);
});
