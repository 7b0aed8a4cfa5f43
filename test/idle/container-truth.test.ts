import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Timeline } from "./truth/timeline.ts";
import { TruthWorld } from "./truth/world.ts";

/*
 * Whatever happens, in whatever order: when things are quiet, the town's record of its container is the
 * truth; and a container never runs for longer than its last reason, plus `sleepAfter`, plus the time
 * that SIGTERM is given. The machine below the town is played down to its processes and sockets.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What passes between a decision and its effect on the machine. */
const LATENCY_MS = 1000;
/** While an order or a word to a peer is on its way, nothing else is said to the container. */
const BUSY_MS = 3 * MINUTE_MS;

const MISHAPS = {
  "start fails": ({ machine }: TruthWorld) => (machine.mishaps.startFails = true),
  "slow start": ({ machine }: TruthWorld) => (machine.mishaps.startMs = 100_000),
  "late order": ({ machine }: TruthWorld) => (machine.mishaps.orderMs = 40 * MINUTE_MS),
  "answer lost": ({ machine }: TruthWorld) => (machine.mishaps.answerLost = true),
  "stop hangs": ({ machine }: TruthWorld) => (machine.mishaps.stopHangs = true),
  deaf: ({ machine }: TruthWorld) => (machine.manners.deaf = true),
  endless: ({ machine }: TruthWorld) => (machine.manners.endless = true),
  frozen: ({ machine }: TruthWorld) => machine.process?.freeze(),
};

type Happening =
  | { readonly what: "say" | "sling" | "cancel" | "look" | "crash" | "evict" }
  | { readonly what: "mishap"; readonly which: keyof typeof MISHAPS }
  | { readonly what: "sleepAfter"; readonly minutes: number }
  | {
      readonly what: "wait" | "cut" | "restart" | "suspend" | "clock" | "object away" | "peers away";
      readonly ms: number;
    };

const duration = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 2000, max: 2 * MINUTE_MS }),
  fc.integer({ min: 2 * MINUTE_MS, max: HOUR_MS }),
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ what: fc.constantFrom("say", "sling", "cancel", "look", "crash", "evict") }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant("wait"), ms: duration }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom("cut", "restart", "suspend", "object away", "peers away"),
      ms: duration,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("clock"),
      ms: fc.oneof(
        duration,
        duration.map((ms) => -ms),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("mishap"), which: fc.constantFrom(...Object.keys(MISHAPS)) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant("sleepAfter"), minutes: fc.integer({ min: 1, max: 60 }) }),
  },
) as fc.Arbitrary<Happening>;

/** How long runs take, by their number. */
const pace = fc.array(fc.constantFrom(50, 3000, 50_000, 5 * MINUTE_MS, 50 * MINUTE_MS, 90 * MINUTE_MS), {
  minLength: 1,
  maxLength: 4,
});

let timeline: Timeline;

beforeEach(() => {
  // Deadlines of the reconciler, too, are virtual time.
  vi.stubGlobal("setTimeout", (run: () => void, ms: number) => timeline.after(ms, run));
  vi.stubGlobal("clearTimeout", (cancel: () => void) => cancel());
  // What a lost instance would have said.
  vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const openWorld = async (paces: readonly number[]): Promise<TruthWorld> => {
  timeline = new Timeline(1_000_000_000_000);
  const world = new TruthWorld(timeline, ({ fence }) => paces[fence % paces.length] ?? 0);
  await world.town?.foundMayor();
  world.town?.addRig({ name: "repo", gitUrl: "/srv/repo", gates: [] });
  await timeline.until(timeline.now + 1000);
  return world;
};

const befall = async (world: TruthWorld, happening: Happening, n: number): Promise<void> => {
  switch (happening.what) {
    case "say":
      world.town?.take({ agent: "mayor", id: `m${n}`, entry: n, text: "Hello?" });
      break;
    case "sling":
      if (world.town?.rigs().items[0]?.state !== "failed") world.town?.sling({ rig: "repo", title: "Work" });
      break;
    case "cancel": {
      const bead = world.town
        ?.beads()
        .items.find(({ status }) => status === "open" || status === "in_progress");
      if (bead !== undefined) world.town?.cancelBead(bead.id);
      if (world.town?.agent("mayor").run != null) world.town.cancelTurn("mayor");
      break;
    }
    case "look":
      world.town?.describe();
      world.town?.snapshot(null);
      break;
    case "crash":
      world.machine.process?.end(137);
      break;
    case "evict":
      world.evict();
      break;
    case "mishap":
      MISHAPS[happening.which](world);
      break;
    case "sleepAfter":
      world.longestSleepMs = Math.max(world.longestSleepMs, happening.minutes * MINUTE_MS);
      world.town?.configure({ sleepAfter: `${happening.minutes}m` });
      break;
    case "wait":
      await timeline.until(timeline.now + happening.ms);
      break;
    case "cut":
      world.machine.process?.cut(happening.ms);
      break;
    case "restart":
      await world.restart(happening.ms);
      break;
    case "suspend":
      world.suspend(happening.ms);
      break;
    case "clock":
      world.setClock(happening.ms);
      break;
    case "object away":
      world.hideObject(happening.ms);
      break;
    case "peers away":
      world.hidePeers(happening.ms);
      break;
  }
  await timeline.until(timeline.now + 20);
};

describe("a town and its container", () => {
  test("agree whenever things are quiet, and it never runs longer than its last reason allows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 12 }), pace, async (happenings, paces) => {
        const world = await openWorld(paces);
        for (const [n, one] of happenings.entries()) {
          await befall(world, one, n + 1);
          if (world.isQuiet) expect(world.alarm).toBe(world.dueAlarm);
        }
        await timeline.until(timeline.now + 7 * 24 * HOUR_MS);

        expect(world.isQuiet).toBe(true);
        expect(world.disagreements).toEqual([]);
        expect(world.record.state).toBe("asleep");
        expect(world.alarm).toBeNull();
        expect(world.unfinished).toEqual([]);
        expect(world.machine.history).not.toEqual([]);

        const { stopDeadlineMs, lifeMaxMs, runMaxMs } = world.config;
        const wentForward = world.clockMs.reduce((sum, ms) => sum + Math.max(0, ms), 0);
        // Who is out of reach is asked again after no longer than that; a deadline is by the clock.
        const delays = stopDeadlineMs + LATENCY_MS + 2 * world.awayMs + world.wentBackMs;
        for (const { life, from, to } of world.machine.history) {
          const reason = Math.max(world.lastReason.get(life) ?? 0, from);
          expect(to, `life ${life} still runs`).not.toBeNull();
          expect(to, `life ${life}`).toBeLessThanOrEqual(reason + world.longestSleepMs + delays);
          expect((to ?? 0) - from, `life ${life}, in all`).toBeLessThanOrEqual(lifeMaxMs + BUSY_MS + delays);
        }
        for (const { number, from, to } of world.runs) {
          const longest = runMaxMs + stopDeadlineMs + BUSY_MS + world.lostMs + wentForward;
          expect((to ?? Infinity) - from, `run ${number}`).toBeLessThanOrEqual(longest);
        }
      }),
      { numRuns: 2000 },
    );
  }, 120_000);
});
