import { describe, expect, test } from "vitest";
import { GAP } from "../../client/state/merge.ts";
import { reduceUser, type UserView } from "../../client/state/reduce-user.ts";
import type { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import { fullScans } from "../support/plans.ts";
import { openWorld } from "./world.ts";

describe("the list", () => {
  test("M5: a page that follows it, or comes back to it, sees each town's change once and its going once", async () => {
    const world = openWorld();
    let view: UserView | null = null;
    const fold = (frame: UserFrame) => {
      const next = reduceUser(view, frame);
      if (next === GAP) throw new Error("a gap");
      view = next;
    };
    const states = () => view?.towns.map(({ name, state }) => [name, state]);
    fold(JSON.parse(world.user.snapshot(null)) as UserFrame);
    const elm = await world.user.foundTown("Elm");
    const oak = await world.user.foundTown("Oak");
    await world.settled();
    world.played.frames.splice(0).forEach(fold);
    expect(states()).toEqual([
      ["Elm", "open"],
      ["Oak", "open"],
    ]);

    world.user.noteSummary({
      id: oak.id,
      name: "Oak 2",
      foundedAt: 0,
      container: "awake",
      working: 1,
      needsYou: false,
    });
    world.user.closeTown(elm.id, "closed");
    await world.settled();
    fold(JSON.parse(world.user.snapshot((view as UserView | null)?.seq ?? null)) as UserFrame);
    expect(states()).toEqual([
      ["Elm", "gone"],
      ["Oak 2", "open"],
    ]);
    fold(JSON.parse(world.user.snapshot(null)) as UserFrame);
    expect(states()).toEqual([["Oak 2", "open"]]);
  });

  test("every statement goes by an index", async () => {
    const world = openWorld();
    const { id } = await world.user.foundTown("Elm");
    await world.settled();
    world.user.noteSummary({
      id,
      name: "Elm",
      foundedAt: 0,
      container: "awake",
      working: 1,
      needsYou: false,
    });
    world.user.snapshot(1);
    world.user.closeTown(id, "closed");
    await world.settled();
    await world.user.onAlarm();
    world.user.towns();
    expect(fullScans(world.storage)).toEqual([]);
  });
});
