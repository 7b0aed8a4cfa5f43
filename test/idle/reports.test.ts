import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BASE, type World } from "../town/world.ts";
import { answer, callsDuring, DAY_MS, HOUR_MS, MINUTE_MS, say, sleepingTown, warmTown } from "./scenes.ts";

/*
 * The reports of the service that this one follows, line by line: what kept its containers awake, what
 * they asked for, and how it is here. The towns have a rig and a mayor that was talked to.
 */

type Row = readonly [name: string, holds: () => Promise<void>];

const SETTINGS = { CURFEW_SLEEP_AFTER: "30m" };

/** Lets days go by in an instance that is evicted after every hour. */
const days = async (world: World, n = 2): Promise<void> => {
  for (let hour = 0; hour < 24 * n; hour += 1) {
    await world.pass(HOUR_MS);
    world.evict();
  }
};

const expectAsleep = (world: World): void => {
  expect(world.town.describe()).toMatchObject({ wake: null, container: { state: "asleep" } });
  expect(world.alarm).toBeNull();
};

/** Every way in which pages and people look. */
const look = (world: World): void => {
  world.town.describe();
  world.town.agents();
  world.town.agent("mayor");
  world.town.beads();
  world.town.rigs();
  world.town.activity();
  world.town.snapshot(null);
  world.town.snapshot(1);
};

const table1975: Row[] = [
  [
    "ensureContainerReady() → GET /health: nobody asks whether a container is healthy",
    async () => {
      const world = await warmTown(SETTINGS);
      const calls = await callsDuring(world, () => world.pass(30 * MINUTE_MS - 1));
      expect(calls).toEqual([]);
      // There is no command for it.
      const server = readFileSync(new URL("../../container/control/server.ts", import.meta.url), "utf8");
      expect(
        [...server.matchAll(/app\.(get|post|put|patch|all)\("([^"]*)"/g)].map((match) => match[2]),
      ).toEqual(["/runs", "/runs/:run/cancel"]);
    },
  ],
  [
    "refreshContainerToken() → setEnvVar + POST /refresh-token: a sleeping container is left asleep",
    async () => {
      const world = await sleepingTown(SETTINGS);
      expect(await callsDuring(world, () => days(world))).toEqual([]);
      expectAsleep(world);
    },
  ],
  [
    "refreshKilocodeTokenIfExpiring() → syncConfigToContainer(): settings reach it with the next command",
    async () => {
      for (const world of [await warmTown(SETTINGS), await sleepingTown(SETTINGS)]) {
        const model = { baseUrl: "https://models.example/v1", model: "new", key: "another" };
        const calls = await callsDuring(world, () =>
          world.town.configure({ model, runtime: "opencode", caps: { polecats: 1, tokens: 9 } }),
        );
        expect(calls).toEqual([]);
        await say(world);
        expect(world.order("turn").runtime).toEqual({ kind: "opencode", model: "new" });
      }
    },
  ],
  [
    "checkAgentContainerStatus() → GET /agents/:id/status: a status is read from the town's own record",
    async () => {
      const warm = await warmTown(SETTINGS);
      const working = await warmTown(SETTINGS);
      await say(working);
      for (const world of [warm, working, await sleepingTown(SETTINGS)]) {
        const { touches } = world.town.describe().container;
        expect(await callsDuring(world, () => look(world))).toEqual([]);
        expect(world.town.describe().container.touches).toEqual(touches);
      }
    },
  ],
  [
    "all reconciler side effects: beads that are closed, failed, cancelled or held are no work",
    async () => {
      const world = await warmTown(SETTINGS);
      for (const title of ["Cancelled", "Failed", "Held"]) {
        world.town.sling({ rig: "repo", title });
        await world.ring();
        const turn = world.order("turn");
        if (title === "Cancelled") world.town.cancelBead(turn.work?.bead ?? "");
        const { runId, fence, agent } = turn;
        await world.event(
          title === "Held"
            ? world.done(turn)
            : {
                type: "turned",
                runId,
                fence,
                agent,
                result: { outcome: "failed", reason: "It can't be done.", again: false },
              },
        );
      }
      const { runId, fence } = world.order("merge");
      await world.event({ type: "merged", runId, fence, result: { outcome: "held", reason: "dirty" } });
      expect(world.town.beads().items.map(({ status, held }) => (held ? "held" : status))).toEqual([
        "held",
        "failed",
        "cancelled",
      ]);
      expect(await callsDuring(world, () => world.pass(30 * MINUTE_MS))).toEqual(["stop"]);
      expectAsleep(world);
      expect(await callsDuring(world, () => days(world))).toEqual([]);
    },
  ],
  [
    "deliverPendingMail(): what is to be told to an agent goes to its room, which is not the container",
    async () => {
      const world = await warmTown(SETTINGS);
      await say(world);
      const words = world.words.length;
      expect(await callsDuring(world, () => answer(world))).toEqual([]);
      expect(world.words.slice(words)).toMatchObject([
        { agent: "mayor", word: { kind: "end", state: "done" } },
      ]);
    },
  ],
  [
    "maybeDispatchTriageAgent(): what failed waits for a person, and nobody is started to look at it",
    async () => {
      const world = await warmTown(SETTINGS);
      world.played.refuse = "no machine is free";
      world.town.sling({ rig: "repo", title: "Never starts" });
      await world.ring();
      await world.pass(HOUR_MS);
      expect(world.town.bead("b1")).toMatchObject({ status: "failed", attempts: 3 });
      expect(await callsDuring(world, () => days(world))).toEqual([]);
      expectAsleep(world);
    },
  ],
];

const fixes1975: Row[] = [
  [
    "option A: an idle town's container stays asleep for good: a duty cycle of 0",
    async () => {
      const world = await sleepingTown(SETTINGS);
      const { life } = world.town.describe().container;
      await days(world, 30);
      expect(world.town.describe().container.life).toBe(life);
      expectAsleep(world);
    },
  ],
  [
    "option B: whether it sleeps is known without asking it",
    async () => {
      const world = await sleepingTown(SETTINGS);
      const calls = await callsDuring(world, () => {
        expect(world.town.describe().container.state).toBe("asleep");
      });
      expect(calls).toEqual([]);
    },
  ],
  [
    "option C: a token is minted when work is dispatched, and at no other time",
    async () => {
      const world = await warmTown(SETTINGS);
      const minted = world.minted.length;
      await days(world);
      expect(world.town.describe().container.state).toBe("asleep");
      await say(world);
      expect(world.minted.slice(minted)).toEqual(["mayor"]);
      expect(world.order("turn").token).toBe("token-of-mayor");
    },
  ],
];

const fixes1409: Row[] = [
  [
    "part A: no throttle is in memory: an instance that is evicted at every alarm asks for nothing more",
    async () => {
      const world = await warmTown(SETTINGS);
      const calls = await callsDuring(world, async () => {
        for (let minute = 0; minute < 29; minute += 1) {
          world.evict();
          await world.town.onAlarm();
          await world.pass(MINUTE_MS);
        }
      });
      expect(calls).toEqual([]);
    },
  ],
  [
    "part B: between the last turn and sleep there is one alarm, and then none: there is no idle interval",
    async () => {
      const world = await warmTown(SETTINGS);
      const { rings } = world;
      await world.pass(30 * MINUTE_MS);
      expectAsleep(world);
      const slept = world.rings - rings;
      await world.pass(30 * DAY_MS);
      expect(world.rings - rings).toBe(slept);
      // The sleep itself, and at most one more for what is then owed to the owner.
      expect(slept).toBeLessThanOrEqual(2);
    },
  ],
  [
    "part B: new work doesn't wait for an alarm",
    async () => {
      const world = await sleepingTown(SETTINGS);
      await world.pass(DAY_MS);
      const { rings } = world;
      const orders = world.orders.length;
      world.town.sling({ rig: "repo", title: "At once" });
      await world.settled();
      expect(world.orders).toHaveLength(orders + 1);
      expect(world.rings).toBe(rings);
    },
  ],
];

const fixes1450: Row[] = [
  [
    "fix 1: when its turn ends the mayor waits, which is no activity",
    async () => {
      const world = await warmTown(SETTINGS);
      expect(world.town.agent("mayor").status).toBe("waiting");
      const { wake, container } = world.town.describe();
      expect(wake).toEqual({ at: container.sleepsAt, why: "the container goes to sleep" });
      expect(container).toMatchObject({
        sleepsAt: world.now + 30 * MINUTE_MS,
        why: "Awake, with nothing to do.",
      });
    },
  ],
  [
    "fix 1: a waiting mayor answers in the process that it has, up to the last moment",
    async () => {
      const world = await warmTown(SETTINGS);
      const { process } = world.order("turn");
      await world.pass(30 * MINUTE_MS - 1);
      await say(world);
      expect(world.order("turn")).toMatchObject({ process, history: [] });
      expect(world.town.describe().container.life).toBe(1);
    },
  ],
  [
    "fix 1: after sleep the next message wakes it in a new process, which is told what was said before",
    async () => {
      const world = await sleepingTown(SETTINGS);
      const { process } = world.order("turn");
      world.played.history = [{ from: "user", text: "Hello?" }];
      await say(world, "Do you remember me?");
      expect(world.town.describe().container).toMatchObject({ life: 2, state: "awake" });
      const turn = world.order("turn");
      expect(turn.process).not.toBe(process);
      expect(turn.history).toEqual([{ from: "user", text: "Hello?" }]);
    },
  ],
  [
    "fix 2: with only the mayor waiting, its container gets no request at all until it is stopped",
    async () => {
      const world = await warmTown(SETTINGS);
      expect(await callsDuring(world, () => world.pass(DAY_MS))).toEqual(["stop"]);
    },
  ],
  [
    "fix 3: what must survive an eviction is stored: the deadline of sleep is, and is kept",
    async () => {
      const world = await warmTown(SETTINGS);
      const { sleepsAt } = world.town.describe().container;
      for (let n = 0; n < 20; n += 1) {
        await world.pass(MINUTE_MS);
        world.evict();
        // Even what is written down of the town meanwhile doesn't move it.
        world.town.configure({ name: `Name ${n}` });
        await world.ring();
      }
      expect(world.town.describe().container.sleepsAt).toBe(sleepsAt);
      await world.pass(10 * MINUTE_MS);
      expectAsleep(world);
    },
  ],
  [
    "fix 4: in the whole warm time the town wakes once, to let the container sleep",
    async () => {
      const world = await warmTown(SETTINGS);
      const { rings } = world;
      await world.pass(30 * MINUTE_MS - 1);
      expect(world.rings).toBe(rings);
      await world.pass(1);
      expectAsleep(world);
    },
  ],
];

const checks1182: Row[] = [
  [
    "cause 3, fix 3: the alarm has an exit condition: it isn't armed again without a reason",
    async () => {
      const world = await sleepingTown(SETTINGS);
      await world.town.onAlarm();
      expectAsleep(world);
    },
  ],
  [
    "cause 4: an alarm does not keep the container alive: none of them moves the deadline of its sleep",
    async () => {
      const world = await warmTown(SETTINGS);
      const { sleepsAt } = world.town.describe().container;
      for (let minute = 0; minute < 29; minute += 1) {
        await world.pass(MINUTE_MS);
        await world.town.onAlarm();
      }
      expect(world.town.describe().container.sleepsAt).toBe(sleepsAt);
    },
  ],
  [
    "cause 5, fix 4: neither a new instance nor a look at it arms anything",
    async () => {
      const world = await sleepingTown(SETTINGS);
      const written = world.storage.statements.length;
      const { armed } = world;
      world.evict();
      look(world);
      expect(world.armed).toBe(armed);
      const statements = world.storage.statements.slice(written);
      expect(statements.filter((text) => !/^\s*SELECT/.test(text))).toEqual([]);
    },
  ],
  [
    "fix 5: nothing is asked of the container of an idle town",
    async () => {
      const world = await sleepingTown(SETTINGS);
      expect(await callsDuring(world, () => days(world))).toEqual([]);
      expect(world.town.rigs().items).toMatchObject([{ state: "ready", head: BASE }]);
    },
  ],
];

describe("1975, the table of what touched the container of an idle town", () => {
  test.for(table1975)("%s", ([, holds]) => holds());
});
describe("1975, what was asked for", () => {
  test.for(fixes1975)("%s", ([, holds]) => holds());
});
describe("1409, what was asked for", () => {
  test.for(fixes1409)("%s", ([, holds]) => holds());
});
describe("1450, what was asked for", () => {
  test.for(fixes1450)("%s", ([, holds]) => holds());
});
describe("1182, what it says of alarms and health checks", () => {
  test.for(checks1182)("%s", ([, holds]) => holds());
});
