import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TownRecord } from "../../src/town/record.ts";
import { keepCounts } from "../../src/town/counts/tables.ts";
import { NO_COUNTS, type Counts } from "../../src/town/counts/rows.ts";
import { openWorld, withRig, type World } from "./world.ts";

const recordOf = ({ storage: { kv } }: World): TownRecord => {
  const town = kv.get<TownRecord>("town");
  if (town === undefined) throw new Error("the town has no record");
  return town;
};

/** Counts anew what the town keeps. */
const recount = ({ storage: { sql } }: World): Counts => {
  const counts = structuredClone(NO_COUNTS);
  for (const { status, held } of sql.all<{ status: keyof Counts["beads"]; held: number }>(
    "SELECT status, held FROM beads",
  )) {
    counts.beads[status] += 1;
    const isOver = status === "closed" || status === "cancelled";
    if (status === "failed" || (held === 1 && !isOver)) counts.needsYou += 1;
  }
  for (const { status } of sql.all<{ status: keyof Counts["agents"] }>(
    "SELECT status FROM agents WHERE founded = 1",
  ))
    counts.agents[status] += 1;
  return counts;
};

const STEPS = [
  "sling",
  "cancel",
  "retry",
  "done",
  "no commit",
  "fail",
  "merge",
  "hold",
  "say",
  "talk",
  "lose",
  "sleep",
  "remove rig",
] as const;
type Step = (typeof STEPS)[number];

const tried = (work: () => unknown): void => {
  try {
    work();
  } catch {
    // A person may ask for what can't be done: it changes nothing.
  }
};

const lastOrder = (world: World) => world.orders.at(-1)?.order;

const take = async (world: World, step: Step, n: number): Promise<void> => {
  const { town } = world;
  const order = lastOrder(world);
  const ids = order && { runId: order.runId, fence: order.fence };
  const newest = `b${Math.max(1, recordOf(world).beads)}`;
  switch (step) {
    case "sling":
      return tried(() => town.sling({ rig: "repo", title: `Bead ${n}` }));
    case "cancel":
      return tried(() => town.cancelBead(newest));
    case "retry":
      return tried(() => town.retryBead(newest));
    case "done":
      if (order?.kind === "turn" && order.work !== null) await world.event(world.done(order));
      return;
    case "no commit":
    case "fail":
    case "talk":
      if (order?.kind === "turn" && ids)
        await world.event({
          type: "turned",
          ...ids,
          agent: order.agent,
          result:
            step === "talk"
              ? { outcome: "talked" }
              : step === "fail"
                ? { outcome: "failed", reason: "It can't be done.", again: n % 2 === 0 }
                : { outcome: "no-commit", summary: "" },
        });
      return;
    case "merge":
    case "hold":
      if (order?.kind === "merge" && ids)
        await world.event({
          type: "merged",
          ...ids,
          result:
            step === "merge"
              ? { outcome: "merged", mergeCommit: "c".repeat(40) }
              : { outcome: "held", reason: "dirty" },
        });
      return;
    case "say":
      town.take({ agent: "mayor", id: `m${n}`, entry: n + 1, text: "Hello?" });
      return;
    case "lose":
      world.played.pingAt = null;
      await world.pass(10 * 60_000);
      return;
    case "sleep":
      await world.pass(60 * 60_000);
      await world.hello(`boot-${n}`);
      return;
    case "remove rig":
      return tried(() => town.removeRig("repo"));
  }
};

describe("what a town counts", () => {
  // Beads and agents go every way that they can go; after each step the counts that are kept must be those
  // that a count of the rows gives.
  test("A9: is kept as it is: counted anew, it is the same", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { maxLength: 25 }), async (steps) => {
        const world = await withRig(openWorld());
        for (const [n, step] of steps.entries()) {
          await take(world, step, n);
          await world.ring();
          expect(recordOf(world).counts).toEqual(recount(world));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("U1: is counted once in a town of the version before, and kept from then on", async () => {
    const world = await withRig(openWorld());
    for (let n = 0; n < 5; n += 1) world.town.sling({ rig: "repo", title: `Bead ${n}` });
    await world.ring();
    await world.event(world.done(world.order("turn")));
    world.town.cancelBead("b5");
    const { counts, ...before } = recordOf(world);
    world.storage.kv.put("town", before);
    keepCounts(world.storage);
    expect(recordOf(world)).toEqual({ ...before, counts });
    expect(counts).toEqual(recount(world));
  });
});
