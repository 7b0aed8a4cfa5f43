import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GAP } from "../../client/state/merge.ts";
import { reduceTown, type TownView } from "../../client/state/reduce-town.ts";
import type { TownFrame } from "../../src/protocol/browser/town-frame.ts";
import { allPages } from "../support/all-pages.ts";
import { openWorld, withRig, type World } from "./world.ts";

/** A page that folds what it hears while its connection stands. */
const openPage = (world: World) => {
  let state: TownView | null = null;
  let heard: number | null = null;
  const fold = (text: string): void => {
    const frame = JSON.parse(text) as TownFrame;
    const next = reduceTown(state, frame);
    if (next === GAP) throw new Error(`a gap at ${text}`);
    state = next;
  };
  const page = {
    get state(): TownView {
      if (state === null) throw new Error("the page was never connected");
      return state;
    },
    listen: (): void => {
      if (heard === null) return;
      world.played.viewers.slice(heard).forEach(fold);
      heard = world.played.viewers.length;
    },
    cut: (): void => {
      page.listen();
      heard = null;
    },
    connect: (): void => {
      heard = world.played.viewers.length;
      fold(world.town.snapshot(state?.seq ?? null));
    },
  };
  return page;
};

/** What a page that comes for the first time sees. */
const fresh = (world: World): TownView => {
  const page = openPage(world);
  page.connect();
  return page.state;
};

const byKey = ({ town, rigs, beads, agents, activity }: TownView) => ({
  town,
  rigs: rigs.toSorted((a, b) => a.name.localeCompare(b.name)),
  beads,
  agents: agents.toSorted((a, b) => a.name.localeCompare(b.name)),
  activity: activity.slice(-25),
});

type Step =
  | "sling"
  | "cancel"
  | "answer"
  | "say"
  | "rename"
  | "remove rig"
  | "wait"
  | "evict"
  | "cut"
  | "connect";

const act = async (world: World, step: Step, n: number): Promise<void> => {
  const { town } = world;
  switch (step) {
    case "sling":
      if (town.rigs().items.length > 0) town.sling({ rig: "repo", title: `Bead ${n}`, body: "" });
      break;
    case "cancel": {
      const open = town.beads().items.filter(({ status }) => status === "open" || status === "in_progress");
      if (open[n % Math.max(open.length, 1)] !== undefined) town.cancelBead(open[n % open.length]?.id ?? "");
      break;
    }
    case "answer": {
      const turn = world.orders.findLast(({ order }) => order.kind === "turn")?.order;
      if (turn?.kind === "turn") await world.event(world.done(turn));
      break;
    }
    case "say":
      town.take({ agent: "mayor", id: `m${n}`, entry: n + 1, text: "Hello?" });
      break;
    case "rename":
      town.configure({ name: `Name ${n}` });
      break;
    case "remove rig":
      if (n % 5 === 0 && town.rigs().items.length > 0) town.removeRig("repo");
      break;
    case "wait":
      world.played.pingAt = world.now;
      await world.pass(20_000);
      break;
    case "evict":
      world.evict();
      break;
    default:
  }
  await world.ring();
};

describe("a page of a town", () => {
  test("M5: that was cut off at any frames and comes back shows exactly what the town has", async () => {
    const step = fc.constantFrom<Step>(
      ...([
        "sling",
        "cancel",
        "answer",
        "say",
        "rename",
        "remove rig",
        "wait",
        "evict",
        "cut",
        "connect",
      ] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = await withRig(openWorld());
        const page = openPage(world);
        page.connect();
        for (const [n, step] of steps.entries()) {
          await act(world, step, n);
          if (step === "cut") page.cut();
          if (step === "connect") page.connect();
          page.listen();
        }
        page.connect();
        expect(byKey(page.state)).toEqual(byKey(fresh(world)));
      }),
      { numRuns: 60 },
    );
  });

  test("M5: finds beads that are new to it in their order, though a later change came to an earlier one", async () => {
    const world = await withRig(openWorld());
    const page = openPage(world);
    page.connect();
    page.cut();
    for (const title of ["One", "Two", "Three"]) world.town.sling({ rig: "repo", title });
    await world.ring();
    world.town.cancelBead("b2");
    await world.ring();
    page.connect();
    expect(page.state.beads.map(({ id }) => id)).toEqual(["b1", "b2", "b3"]);
  });

  test("C3: that stays connected always knows why the town is awake, and when it no longer is", async () => {
    const world = await withRig(openWorld());
    const page = openPage(world);
    page.connect();
    const sameWake = () => {
      page.listen();
      expect(page.state.town.wake).toEqual(world.town.describe().wake);
    };
    world.town.sling({ rig: "repo", title: "Work", body: "" });
    await world.ring();
    sameWake();
    await world.event(world.done(world.order("turn")));
    sameWake();
    world.town.cancelBead("b1");
    await world.ring();
    sameWake();
    await world.pass(3 * 3_600_000);
    sameWake();
    expect(page.state.town).toMatchObject({ wake: null, container: { state: "asleep" } });
  });

  test("M5: that was away for hundreds of changes begins anew, and reads every diary line by pages", async () => {
    const world = await withRig(openWorld());
    const page = openPage(world);
    page.connect();
    page.cut();
    for (let n = 0; n < 300; n += 1) world.town.sling({ rig: "repo", title: `Bead ${n}`, body: "" });
    await world.ring();
    page.connect();
    expect(page.state).toEqual(fresh(world));
    expect(page.state.town.beads.open + page.state.town.beads.in_progress).toBe(300);
    const lines = allPages((query) => world.town.activity(0, query)).toReversed();
    const slung = lines.filter(({ text }) => text.includes("was slung"));
    expect(slung.map(({ bead }) => bead)).toEqual(Array.from({ length: 300 }, (_, n) => `b${n + 1}`));
  });
});
