import { describe, expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { decide } from "../../src/town/decide.ts";
import type { Facts, Job } from "../../src/town/features.ts";
import type { OpenRun } from "../../src/town/runs/facts.ts";
import { ASLEEP } from "../../src/town/container/record.ts";
import { openWorld, withRig } from "./world.ts";

const TIMING = { leaseMs: 60_000, graceMs: 15_000, lifeMaxMs: 86_400_000, startDeadlineMs: 90_000 };

const merge = (rig: string, bead: number): Job => ({ kind: "merge", rig, bead, at: 0 });

const merging = (rig: string, bead: number): OpenRun => ({
  number: 1,
  kind: "merge",
  state: "live",
  agent: null,
  rig,
  bead,
  created_at: 0,
  due_at: 1_000_000,
});

describe("W6: a rig's merges", () => {
  const facts = (runs: readonly OpenRun[], jobs: readonly Job[]): Facts => ({
    container: { ...ASLEEP, state: "awake", version: PROTOCOL_VERSION },
    polecatCap: 3,
    runs: [...runs],
    jobs: [...jobs],
    outboxDueAt: null,
  });

  test("go one after the other", () => {
    expect(decide(facts([merging("a", 1)], [merge("a", 2)]), TIMING, 1)).toBeNull();
    expect(decide(facts([], [merge("a", 2)]), TIMING, 1)).toEqual({
      kind: "dispatch",
      job: merge("a", 2),
    });
  });

  test("hold up no other rig's", () => {
    const jobs = [merge("a", 2), merge("b", 3)];
    expect(decide(facts([merging("a", 1)], jobs), TIMING, 1)).toEqual({ kind: "dispatch", job: jobs[1] });
  });
});

describe("W11: a polecat's number", () => {
  test("is given once, though the rig of the one that had it is gone", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "One" });
    world.town.sling({ rig: "repo", title: "Two" });
    await world.ring();
    const names = (): string[] => world.town.agents().items.map(({ name }) => name);
    expect(names().toSorted()).toEqual(["polecat-1", "polecat-2"]);
    world.town.removeRig("repo");
    await world.ring();
    expect(names()).toEqual([]);

    world.evict();
    await withRig(world);
    world.town.sling({ rig: "repo", title: "Three" });
    await world.ring();
    expect(names()).toEqual(["polecat-3"]);
  });
});

describe("C4: what the container tells", () => {
  test("is written down and answered; what is then due comes by the alarm, in a turn of its own", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Go on" });
    await world.settled();
    const turn = world.order("turn");
    const asked = world.orders.length;
    const told = world.event(world.done(turn));
    // Nothing was awaited yet.
    expect(world.town.bead("b1").status).toBe("in_review");
    expect(world.sent.at(-1)).toMatchObject({ type: "ack" });
    expect(world.orders).toHaveLength(asked);
    expect(world.alarm).toBe(world.now);
    await told;
    expect(world.order("merge")).toMatchObject({ bead: "b1" });
  });
});
