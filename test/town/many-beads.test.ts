import { describe, expect, test } from "vitest";
import type { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import { keepCounts } from "../../src/town/counts/tables.ts";
import { allPages } from "../support/all-pages.ts";
import { counted } from "../support/plans.ts";
import { openWorld, withRig, type World } from "./world.ts";

const MANY = 10_000;
const TITLE = "Say what is to be done, in a title that is as long as titles are when people write them down";

/** Puts so many beads of a status behind the town's last one, each with a polecat of its own. */
const fill = (world: World, many: number, status: string, from = 100): void => {
  const { sql, kv } = world.storage;
  sql.run(
    `WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?1)
     INSERT INTO beads (number, rig, title, body, status, assignee, branch, commit_id, base, merge_commit,
       reason, created_at, updated_at, seq)
     SELECT n + ?6, 'repo', ?2, ?3, ?4, 'polecat-' || (n + ?6), 'curfew/taaaaaaaaaaaaaaaaaaaa/b' || n, ?5, ?5, ?5,
       ?3, 1000000, 1000000, 1 FROM counter`,
    many,
    TITLE,
    "x".repeat(2000),
    status,
    "a".repeat(40),
    from,
  );
  sql.run(
    `WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?1)
     INSERT INTO agents (name, role, charter, founded, status, since, seq)
     SELECT 'polecat-' || (n + ?2), 'polecat', '{}', 1, ?3, 1000000, 1 FROM counter`,
    many,
    from,
    status === "in_progress" ? "working" : "idle",
  );
  keepCounts({ sql, kv });
  world.evict();
};

const small = async (): Promise<World> => {
  const world = await withRig(openWorld());
  await world.town.foundMayor();
  world.town.sling({ rig: "repo", title: TITLE });
  await world.ring();
  return world;
};

const delta = async (world: World): Promise<TownFrame & { type: "delta" }> => {
  world.town.snapshot(null);
  world.town.configure({ name: "Elm" });
  world.played.viewers.length = 0;
  world.town.sling({ rig: "repo", title: "One more" });
  return JSON.parse(world.played.viewers[0] ?? "") as TownFrame & { type: "delta" };
};

test("A9: a town that has all there can be at once fits into 60 kB, too", async () => {
  const world = await small();
  for (const [place, status] of ["open", "in_review", "closed", "failed", "cancelled"].entries())
    fill(world, 2000, status, 2000 * place + 100);
  fill(world, 20, "in_progress", 20_000);
  for (let n = 0; n < 30; n += 1) world.town.sling({ rig: "repo", title: TITLE });
  expect(Buffer.byteLength(world.town.snapshot(null))).toBeLessThanOrEqual(60_000);
});

describe.each(["closed", "failed", "open", "in_review"] as const)(
  "a town with 10,000 beads that are %s",
  (status) => {
    test("A9: shows no more at first than what is shown: at most 60 kB, and says how many there are", async () => {
      const world = await small();
      fill(world, MANY, status);
      const text = world.town.snapshot(null);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
      const frame = JSON.parse(text) as TownFrame & { type: "snapshot" };
      expect(frame.town.beads[status]).toBeGreaterThanOrEqual(MANY);
      expect(frame.town.agents.idle).toBeGreaterThanOrEqual(MANY);
      expect(frame.beads.filter((bead) => bead.status === status).length).toBeGreaterThanOrEqual(6);
      expect(frame.agents.map(({ name }) => name)).toContain("mayor");
      expect(text).not.toContain("x".repeat(400));
    });

    test("A9: costs no more statements than a small one, from its first frame to a delta", async () => {
      const [few, many] = [await small(), await small()];
      fill(few, 30, status);
      fill(many, MANY, status);
      for (const work of [
        (world: World) => world.town.snapshot(null),
        (world: World) => world.town.snapshot(3),
        (world: World) => world.town.describe(),
        (world: World) => world.town.beads(),
        (world: World) => world.town.onAlarm(),
        (world: World) => world.town.sling({ rig: "repo", title: "Next" }),
      ])
        expect(await counted(many.storage, () => work(many))).toBeLessThanOrEqual(
          await counted(few.storage, () => work(few)),
        );
      expect(JSON.stringify(await delta(many)).length).toBeLessThan(
        JSON.stringify(await delta(few)).length + 100,
      );
    });
  },
);

test("A8: every bead is read by pages, newest first, of one status or of all", async () => {
  const world = await small();
  fill(world, 450, "closed");
  const read = allPages((query) => world.town.beads({ ...query, status: "closed" }), 200);
  expect(read.map(({ id }) => id)).toEqual(Array.from({ length: 450 }, (_, n) => `b${550 - n}`));
  expect(allPages((query) => world.town.beads(query), 199)).toHaveLength(451);
});

describe("a delta", () => {
  test("A9: carries what changed, and the town's own view only when that did", async () => {
    const world = await small();
    expect(await delta(world)).toMatchObject({ beads: [{ title: "One more" }], town: { beads: {} } });
    world.played.viewers.length = 0;
    const { agent, process } = world.order("turn");
    world.town.identify({ agent, process });
    const { runId, fence } = world.order("turn");
    await world.event({
      type: "gate",
      runId,
      fence,
      result: { command: "true", exitCode: 0, output: "", durationMs: 1 },
    });
    for (const text of world.played.viewers) {
      const frame = JSON.parse(text) as TownFrame;
      expect(frame).not.toHaveProperty("rigs");
    }
  });

  test("A9: tells all pages of the town again, once one has come that may know another state of it", async () => {
    const world = await small();
    await delta(world);
    world.town.snapshot(null);
    world.played.viewers.length = 0;
    world.town.cancelBead("b1");
    expect(world.played.viewers.map((text) => "town" in JSON.parse(text))).toContain(true);
  });
});
