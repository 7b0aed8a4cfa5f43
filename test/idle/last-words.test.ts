import { describe, expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { openWorld, withRig, type World } from "../town/world.ts";

/** A town whose container is asked to stop in the middle of a polecat's work: it has run long enough. */
const stoppedAtWork = async (): Promise<World> => {
  const world = await withRig(openWorld({ CURFEW_LIFE_MAX: "10m", CURFEW_STOP_DEADLINE: "20s" }));
  world.town.sling({ rig: "repo", title: "Half done" });
  await world.settled();
  world.played.obedient = false;
  world.played.pingAt = Number.MAX_SAFE_INTEGER / 2;
  await world.pass(10 * 60_000);
  expect(world.town.describe().container).toMatchObject({
    state: "stopping",
    why: "It has run for as long as a container may.",
  });
  return world;
};

const SAVED = {
  type: "saved",
  bead: "b1",
  branch: "curfew/taaaaaaaaaaaaaaaaaaaa/b1-wip",
  commit: "d".repeat(40),
} as const;

describe("a container that is asked to stop", () => {
  test("is heard until it is gone: what it saved is written down", async () => {
    const world = await stoppedAtWork();
    await world.event(SAVED);
    expect(world.town.activity().items.map(({ text }) => text)).toContain(
      "Work in progress of b1 was saved on curfew/taaaaaaaaaaaaaaaaaaaa/b1-wip.",
    );
  });

  test("may call again when its line breaks, since nobody who is told that it is over saves anything", async () => {
    const world = await stoppedAtWork();
    const { runId, fence } = world.order("turn");
    world.town.linkClosed(1);
    expect(world.town.linkOpened(1)).toBeNull();
    await world.hello("boot", [{ runId, fence }]);
    expect(world.sent.at(-1)).toEqual({ type: "welcome", version: PROTOCOL_VERSION, after: 1, cancel: [] });
    await world.event(SAVED);
    expect(world.sent.at(-1)).toEqual({ type: "ack", n: 2 });
  });

  test("is told that it is over when it calls after its end", async () => {
    const world = await stoppedAtWork();
    await world.pass(20_000);
    expect(world.town.describe().container).toMatchObject({ state: "asleep", lastExit: { code: 137 } });
    expect(world.town.linkOpened(1)).toMatchObject({ close: 4410 });
  });
});
