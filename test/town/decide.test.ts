import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { decide, nextWake } from "../../src/town/decide.ts";
import { FactCache } from "../../src/town/cache.ts";
import { PARTS, type Facts, type Job } from "../../src/town/features.ts";
import type { OpenRun } from "../../src/town/runs/facts.ts";
import { ASLEEP, type ContainerRecord } from "../../src/town/container/record.ts";
import { judgeLease } from "../../src/town/container/rules.ts";
import { readContainer, readTown } from "../../src/town/tx.ts";
import { openWorld } from "./world.ts";

const TIMING = { leaseMs: 60_000, graceMs: 15_000, lifeMaxMs: 86_400_000, startDeadlineMs: 90_000 };
const time = fc.integer({ min: 0, max: 200_000 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const container: fc.Arbitrary<ContainerRecord> = fc.record({
  state: fc.constantFrom("asleep", "starting", "awake", "stopping"),
  life: fc.nat(5),
  since: time,
  why: fc.constant(""),
  startedAt: maybe(time),
  addressed: fc.boolean(),
  boot: fc.constant(null),
  taken: fc.nat(5),
  version: fc.constantFrom(0, PROTOCOL_VERSION),
  lostAt: maybe(time),
  leaseDueAt: maybe(time),
  sleepsAt: maybe(time),
  killAt: maybe(time),
  kills: fc.nat(3),
  refusals: fc.nat(3),
  roomAt: maybe(time),
  lastExit: fc.constant(null),
});

const run: fc.Arbitrary<OpenRun> = fc.record({
  number: fc.integer({ min: 1, max: 20 }),
  kind: fc.constantFrom("check", "turn", "merge"),
  state: fc.constantFrom("starting", "live"),
  agent: fc.constantFrom("mayor", "polecat-1", null),
  rig: fc.constantFrom("a", "b"),
  bead: maybe(fc.integer({ min: 1, max: 4 })),
  created_at: time,
  due_at: time,
});

const job: fc.Arbitrary<Job> = fc.oneof(
  fc.record({
    kind: fc.constant("chat" as const),
    message: fc.constant("m"),
    agent: fc.constant("mayor" as const),
    at: time,
  }),
  fc.record({ kind: fc.constant("check" as const), rig: fc.constantFrom("a", "b"), at: time }),
  fc.record({
    kind: fc.constantFrom("merge", "work"),
    bead: fc.integer({ min: 1, max: 4 }),
    rig: fc.constantFrom("a", "b"),
    at: time,
  }) as fc.Arbitrary<Job>,
);

const facts: fc.Arbitrary<Facts> = fc.record({
  container,
  polecatCap: fc.integer({ min: 1, max: 3 }),
  runs: fc.array(run, { maxLength: 4 }),
  jobs: fc.array(job, { maxLength: 4 }),
  outboxDueAt: maybe(time),
});

describe("the exit condition", () => {
  test("R7: there is an action now exactly when the next wake is now, and none means no alarm", () => {
    fc.assert(
      fc.property(facts, time, (given, now) => {
        const wake = nextWake({ ...given, outboxDueAt: null }, TIMING, now);
        expect(decide(given, TIMING, now) !== null).toBe(wake !== null && wake.at <= now);
      }),
      { numRuns: 5000 },
    );
  });

  test("R7: a town with nothing to do, asleep, has no alarm", () => {
    const idle: Facts = { container: ASLEEP, polecatCap: 3, runs: [], jobs: [], outboxDueAt: null };
    expect(nextWake(idle, TIMING, 0)).toBeNull();
  });

  test("while a container stops, nothing is dispatched", () => {
    fc.assert(
      fc.property(facts, time, (given, now) => {
        const stopping = { ...given, container: { ...given.container, state: "stopping" as const } };
        expect(decide(stopping, TIMING, now)?.kind ?? "kill").toBe("kill");
      }),
    );
  });
});

describe("a lease", () => {
  test("is extended by a fresh ping and lost without one", () => {
    expect(judgeLease(1000, 990, 60, 1000)).toEqual({ kind: "extend", until: 1050 });
    expect(judgeLease(1000, 900, 60, 1000)).toEqual({ kind: "lost" });
    expect(judgeLease(1000, null, 60, 1000)).toEqual({ kind: "lost" });
  });

  test("hole (m): gets a grace after a jump of the clock: a laptop that slept finds every ping stale", () => {
    expect(judgeLease(1000, 990, 60, 5_000_000)).toEqual({ kind: "extend", until: 5_000_060 });
  });
});

describe("the budget", () => {
  test("loading the facts is six statements, each on an index, and again only what was written", () => {
    const { storage } = openWorld();
    const known = new FactCache(storage.sql);
    const load = (): number => {
      storage.statements.length = 0;
      known.facts(readTown(storage.kv), readContainer(storage.kv));
      return storage.statements.length;
    };
    expect([load(), load()]).toEqual([6, 0]);
    known.sql.run("UPDATE agents SET seq = seq");
    known.sql.run("DELETE FROM activity");
    expect(load()).toBe(0);
    known.sql.run("UPDATE OR IGNORE beads SET seq = seq");
    known.sql.run(
      "INSERT OR REPLACE INTO outbox (id, kind, lane, payload, due_at) VALUES ('e', 'k', 'peers', '', 0)",
    );
    expect(load()).toBe(3);
    known.clear();
    expect(load()).toBe(6);
    for (const { statement } of Object.values(PARTS)) {
      const plan = storage.plan(statement).join("; ");
      expect(plan, statement).toMatch(/USING (COVERING )?(INDEX|INTEGER PRIMARY KEY)/);
    }
  });
});
