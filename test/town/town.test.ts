import { describe, expect, test } from "vitest";
import { BASE, MERGE, openWorld, withRig } from "./world.ts";

test("a rig whose check failed takes no bead, and says why (409)", async () => {
  const world = openWorld();
  world.town.addRig({ name: "nothere", gitUrl: "/srv/nothere", gates: [] });
  await world.settled();
  await world.hello();
  const { runId, fence } = world.order("check");
  await world.event({
    type: "checked",
    runId,
    fence,
    rig: "nothere",
    result: { outcome: "failed", reason: "there is no repository" },
  });
  expect(() => world.town.sling({ rig: "nothere", title: "Say hello" })).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({
        status: 409,
        detail: 'Rig "nothere" can\'t be used: there is no repository',
      }),
    }),
  );
  expect(world.town.beads().items).toEqual([]);
});

describe("a bead's way", () => {
  test("W2, W3: goes open → in_progress → in_review → closed, each step with its proof", async () => {
    const world = await withRig(openWorld());
    const bead = world.town.sling({ rig: "repo", title: "Say hello", body: "hello" });
    await world.settled();
    expect(world.town.bead(bead.id)).toMatchObject({ status: "in_progress", assignee: "polecat-1" });
    const turn = world.order("turn");
    expect(turn).toMatchObject({
      role: "polecat",
      token: "token-of-polecat-1",
      work: { branch: "curfew/taaaaaaaaaaaaaaaaaaaa/b1", bead: "b1" },
    });
    await world.event(world.done(turn));
    expect(world.town.bead(bead.id).status).toBe("in_review");
    const merge = world.order("merge");
    await world.event({
      type: "intent",
      runId: merge.runId,
      fence: merge.fence,
      commit: MERGE,
      onto: BASE,
    });
    expect(world.sent).toContainEqual({ type: "recorded", runId: merge.runId, commit: MERGE });
    await world.event({
      type: "merged",
      runId: merge.runId,
      fence: merge.fence,
      result: { outcome: "merged", mergeCommit: MERGE },
    });
    expect(world.town.bead(bead.id)).toMatchObject({ status: "closed", mergeCommit: MERGE });
  });

  test("W15: a rig without a branch of its own follows its repository's default when work finds another", async () => {
    const world = await withRig(openWorld());
    expect(world.town.rigs().items).toMatchObject([{ branch: "main" }]);
    const bead = world.town.sling({ rig: "repo", title: "Say hello", body: "hello" });
    await world.settled();
    const turn = world.order("turn");
    expect(turn.work?.rig).toMatchObject({ branch: "main", branchIsDefault: true });
    await world.event(world.done(turn, { target: "trunk" }));
    expect(world.town.rigs().items).toMatchObject([{ branch: "trunk" }]);
    const merge = world.order("merge");
    expect(merge.rig).toMatchObject({ branch: "trunk", branchIsDefault: true });
    const { runId, fence } = merge;
    const result = { outcome: "merged", mergeCommit: MERGE, target: "main" } as const;
    await world.event({ type: "merged", runId, fence, result });
    expect(world.town.rigs().items).toMatchObject([{ branch: "main" }]);
    expect(world.town.bead(bead.id).status).toBe("closed");
  });

  test("a rig whose branch was asked for keeps it, whatever the container says", async () => {
    const world = await withRig(openWorld(), { branch: "main" });
    world.town.sling({ rig: "repo", title: "Say hello", body: "hello" });
    await world.settled();
    const turn = world.order("turn");
    expect(turn.work?.rig.branchIsDefault).toBeUndefined();
    await world.event(world.done(turn, { target: "trunk" }));
    expect(world.town.rigs().items).toMatchObject([{ branch: "main" }]);
  });

  test("a turn without a commit is tried again with backoff and then failed, never looped", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Nothing", body: "" });
    await world.settled();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const turn = world.order("turn");
      await world.event({
        type: "turned",
        runId: turn.runId,
        fence: turn.fence,
        agent: turn.agent,
        result: { outcome: "no-commit", summary: "" },
      });
      if (attempt < 3) await world.pass(60_000);
    }
    await world.pass(3_600_000);
    expect(world.orders.filter(({ order }) => order.kind === "turn")).toHaveLength(3);
    expect(world.town.bead("b1")).toMatchObject({
      status: "failed",
      attempts: 3,
      reason: "The run ended without a commit.",
    });
  });

  test("W2: an explicit word that no change is needed closes it without a commit", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Look", body: "" });
    await world.settled();
    const turn = world.order("turn");
    world.town.declareNoChange({ agent: turn.agent, process: turn.process }, "It is so already.");
    await world.event({
      type: "turned",
      runId: turn.runId,
      fence: turn.fence,
      agent: turn.agent,
      result: { outcome: "no-commit", summary: "" },
    });
    expect(world.town.bead("b1")).toMatchObject({
      status: "closed",
      reason: "No change needed: It is so already.",
    });
  });

  test("W9: the same key gives the same bead", async () => {
    const world = await withRig(openWorld());
    const one = world.town.sling({ rig: "repo", title: "Once", key: "k" });
    const two = world.town.sling({ rig: "repo", title: "Once", key: "k" });
    expect(two.id).toBe(one.id);
    expect(world.town.beads().items).toHaveLength(1);
  });

  test("W6: no more polecats than the cap are at work at once", async () => {
    const world = await withRig(openWorld());
    for (let n = 0; n < 5; n += 1) world.town.sling({ rig: "repo", title: `Bead ${n}` });
    await world.ring();
    expect(world.town.beads().items.filter((bead) => bead.status === "in_progress")).toHaveLength(3);
    await world.event(world.done(world.order("turn")));
    expect(world.town.beads().items.filter((bead) => bead.status === "in_progress")).toHaveLength(3);
  });

  test("a cancelled bead's run is asked to end, and its late result changes nothing", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Never mind" });
    await world.settled();
    const turn = world.order("turn");
    world.town.cancelBead("b1");
    await world.ring();
    expect(world.calls).toContain(`cancel ${turn.runId}`);
    await world.event(world.done(turn));
    expect(world.town.bead("b1").status).toBe("cancelled");
  });

  test("W5: a held merge waits for a person and is activity for nobody", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Held" });
    await world.settled();
    await world.event(world.done(world.order("turn")));
    const merge = world.order("merge");
    await world.event({
      type: "merged",
      runId: merge.runId,
      fence: merge.fence,
      result: { outcome: "held", reason: "dirty" },
    });
    await world.pass(24 * 3_600_000);
    expect(world.town.bead("b1")).toMatchObject({ status: "in_review", held: true });
    expect(world.town.describe().container.state).toBe("asleep");
    expect(world.alarm).toBeNull();
    world.town.retryBead("b1");
    await world.settled();
    expect(world.order("merge").fence).toBeGreaterThan(merge.fence);
  });
});

describe("fences", () => {
  test("a result with a stale fence changes nothing", async () => {
    const world = await withRig(openWorld({ CURFEW_LEASE: "10s" }));
    world.town.sling({ rig: "repo", title: "Slow" });
    await world.settled();
    const stale = world.order("turn");
    world.played.pingAt = null;
    await world.pass(10_000);
    world.played.pingAt = Number.MAX_SAFE_INTEGER / 2;
    await world.pass(10_000);
    await world.hello("boot2");
    expect(world.town.bead("b1").status).toBe("in_progress");
    expect(world.order("turn").fence).toBeGreaterThan(stale.fence);
    const before = world.town.bead("b1");
    world.town.linkFrame(JSON.stringify({ type: "event", boot: "boot2", n: 1, event: world.done(stale) }));
    expect(world.town.bead("b1")).toEqual(before);
  });
});

describe("rest", () => {
  test("after its last run the container sleeps on time, and then there is no alarm", async () => {
    const world = await withRig(openWorld({ CURFEW_SLEEP_AFTER: "30m" }));
    expect(world.town.describe().container.sleepsAt).toBe(world.now + 30 * 60_000);
    await world.pass(30 * 60_000 - 1);
    expect(world.calls).not.toContain("stop");
    await world.pass(1);
    expect(world.calls).toContain("stop");
    expect(world.town.describe().container.state).toBe("asleep");
    expect(world.alarm).toBeNull();
    const writes = world.storage.statements.filter((text) => /^(INSERT|UPDATE|DELETE)/.test(text));
    await world.pass(30 * 86_400_000);
    expect(world.storage.statements.filter((text) => /^(INSERT|UPDATE|DELETE)/.test(text))).toHaveLength(
      writes.length,
    );
  });

  test("a container that ignores SIGTERM is killed after the deadline, and that is said", async () => {
    const world = await withRig(openWorld({ CURFEW_SLEEP_AFTER: "1m", CURFEW_STOP_DEADLINE: "20s" }));
    world.played.obedient = false;
    await world.pass(60_000);
    expect(world.town.describe().container.state).toBe("stopping");
    await world.pass(20_000);
    expect(world.calls).toContain("kill");
    expect(world.town.describe().container).toMatchObject({
      state: "asleep",
      lastExit: { code: 137 },
    });
    expect(world.town.activity().items.map((line) => line.text)).toContain(
      "The container did not stop when asked and is killed.",
    );
  });

  test("a run that is longer than sleepAfter is not cut while its container pings", async () => {
    const world = await withRig(openWorld({ CURFEW_SLEEP_AFTER: "1m" }));
    world.town.sling({ rig: "repo", title: "Long" });
    await world.settled();
    for (let minute = 0; minute < 30; minute += 1) {
      world.played.pingAt = world.now + 30_000;
      await world.pass(60_000);
    }
    expect(world.town.bead("b1").status).toBe("in_progress");
    expect(world.calls).not.toContain("stop");
  });

  test("a container that is not heard of loses its runs, and its beads go back with the reason", async () => {
    const world = await withRig(openWorld({ CURFEW_LEASE: "10s" }));
    world.town.sling({ rig: "repo", title: "Lost" });
    await world.settled();
    world.played.pingAt = null;
    await world.pass(10_000);
    expect(world.calls).toContain("kill");
    expect(world.town.bead("b1")).toMatchObject({
      status: "open",
      reason: "The container was not heard of any more.",
    });
  });
});

describe("messages", () => {
  test("a message is answered by a turn; the next one uses the process that waits", async () => {
    const world = openWorld();
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await world.settled();
    await world.hello();
    const one = world.order("turn");
    expect(world.town.agent("mayor").status).toBe("working");
    await world.event({
      type: "turned",
      runId: one.runId,
      fence: one.fence,
      agent: "mayor",
      result: { outcome: "talked" },
    });
    expect(world.town.agent("mayor").status).toBe("waiting");
    expect(world.words.at(-1)).toMatchObject({ word: { kind: "end", message: "m1", state: "done" } });
    world.town.take({ agent: "mayor", id: "m2", entry: 2, text: "again" });
    await world.settled();
    expect(world.order("turn").process).toBe(one.process);
  });

  test("handed over twice, it is taken once, even after it was answered", async () => {
    const world = openWorld();
    const message = { agent: "mayor" as const, id: "m1", entry: 1, text: "hi" };
    world.town.take(message);
    world.town.take(message);
    await world.settled();
    await world.hello();
    const { runId, fence } = world.order("turn");
    await world.event({ type: "turned", runId, fence, agent: "mayor", result: { outcome: "talked" } });
    world.town.take(message);
    await world.ring();
    expect(world.orders).toHaveLength(1);
  });

  test("a dispatch that fails is tried again with backoff and then given up, with its reason", async () => {
    const world = openWorld();
    world.played.refuse = "no room";
    world.town.take({ agent: "mayor", id: "m1", entry: 1, text: "hi" });
    await world.settled();
    await world.pass(3_600_000);
    expect(world.calls.filter((call) => call === "order turn")).toHaveLength(3);
    const ends = world.words.flatMap(({ word }) => (word.kind === "end" ? [word] : []));
    expect(ends.map((word) => word.state)).toEqual(["queued", "queued", "failed"]);
    expect(ends.at(-1)?.notice?.text).toContain("no room");
  });
});

describe("removing a rig", () => {
  test("ends its runs and its agents, cancels its beads and forgets its credential", async () => {
    const world = await withRig(openWorld());
    world.town.sling({ rig: "repo", title: "Under way" });
    await world.settled();
    const turn = world.order("turn");
    world.town.removeRig("repo");
    await world.ring();
    expect(world.calls).toContain(`cancel ${turn.runId}`);
    expect(world.calls).toContain("destroy polecat-1");
    expect(world.town.rigs().items).toEqual([]);
    expect(world.town.agents().items.map((agent) => agent.name)).toEqual([]);
    expect(world.town.bead("b1").status).toBe("cancelled");
    await world.event(world.done(turn));
    expect(world.town.bead("b1").status).toBe("cancelled");
    expect(world.town.describe().container.sleepsAt).not.toBeNull();
  });
});
