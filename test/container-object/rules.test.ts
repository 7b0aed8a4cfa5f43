import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cancelStep,
  exitToTell,
  isTooOld,
  LIFE_OVER,
  mayKill,
  orderStep,
  overFrom,
} from "../../src/container-object/rules.ts";
import { endOf, readState, runs, truthOf, type State } from "../../src/container-object/state.ts";

const NEW: State = {
  isDead: false,
  life: 0,
  startedAt: 0,
  over: 0,
  exit: null,
  isRunning: false,
  isStarting: false,
};
const known = (change: Partial<State>): State => ({ ...NEW, ...change });
const starting = known({ life: 3, isStarting: true });
const running = known({ life: 3, isRunning: true });
const ended = known({ life: 3, exit: { life: 3, exitCode: 1, reason: "exit 1" } });
const dead = known({ isDead: true });

describe("an order", () => {
  test("starts a life that never began, and joins a start that is under way", () => {
    expect(orderStep(NEW, 1, null)).toEqual({ kind: "start" });
    expect(orderStep(ended, 4, null)).toEqual({ kind: "start" });
    expect(orderStep(starting, 3, null)).toEqual({ kind: "start" });
    // The platform calls it running before its port answers.
    expect(orderStep({ ...starting, isRunning: true }, 3, null)).toEqual({ kind: "start" });
  });

  test("is sent to the life that runs", () => {
    expect(orderStep(running, 3, null)).toEqual({ kind: "send" });
  });

  test("waits until what is left of an older life has ended", () => {
    expect(orderStep(running, 4, null)).toEqual({ kind: "end-older", life: 3 });
    expect(orderStep(starting, 4, null)).toEqual({ kind: "end-older", life: 3 });
  });

  test("starts no life a second time, and says how it ended", () => {
    expect(orderStep(ended, 3, null)).toEqual({
      kind: "refuse",
      answer: {
        truth: { running: false, exitCode: 1, reason: "exit 1" },
        reason: "The container has ended (exit 1).",
      },
    });
  });

  test("starts no life that is older, or was asked to end, and none after a purge", () => {
    const over = { kind: "refuse", answer: { reason: LIFE_OVER } };
    expect(orderStep(running, 2, null)).toMatchObject(over);
    expect(orderStep({ ...running, over: 3 }, 3, null)).toMatchObject(over);
    expect(orderStep(known({ over: 5 }), 5, null)).toMatchObject(over);
    expect(orderStep(dead, 9, null)).toMatchObject({
      kind: "refuse",
      answer: { reason: "The town is gone." },
    });
  });

  test("waits as if there were no room while this build can't read what is stored", () => {
    for (const state of [running, ended])
      expect(orderStep(state, 3, "A newer version.")).toEqual({
        kind: "refuse",
        answer: { truth: endOf(state), reason: "A newer version.", why: "no-room" },
      });
  });
});

test("a cancellation reaches the life that runs, and is asked again before it does", () => {
  expect(cancelStep(running, 3)).toBe("send");
  expect(cancelStep(starting, 3)).toBe("later");
  expect(cancelStep(ended, 4)).toBe("later");
  for (const [state, life] of [
    [ended, 3],
    [running, 2],
    [{ ...running, over: 3 }, 3],
    [dead, 3],
  ] as const)
    expect(cancelStep(state, life)).toBe("done");
});

test("a SIGKILL falls on the life that it is meant for, or an older one, and on no later one", () => {
  expect(mayKill(running, 3)).toBe(true);
  expect(mayKill(running, 4)).toBe(true);
  expect(mayKill(running, 2)).toBe(false);
  expect(mayKill(ended, 3)).toBe(false);
});

test("an end is told of the last life, once it is over and no start is under way", () => {
  const exit = { exitCode: 0, reason: "exit 0" };
  expect(exitToTell(known({ life: 3 }), exit)).toEqual({ life: 3, ...exit });
  for (const state of [NEW, starting, running, dead]) expect(exitToTell(state, exit)).toBeNull();
});

test("how an older life ended says nothing of the last one", () => {
  expect(truthOf({ ...ended, life: 4 })).toEqual({
    running: false,
    exitCode: null,
    reason: "it is not running",
  });
});

test("a container is too old once its longest life and the time for stopping are over", () => {
  const limits = { lifeMaxMs: 100, stopDeadlineMs: 10 };
  expect(isTooOld({ ...running, startedAt: 5 }, 115, limits)).toBe(false);
  expect(isTooOld({ ...running, startedAt: 5 }, 116, limits)).toBe(true);
});

test("what is stored is read as it is, and nothing stored is nothing known", () => {
  const reading = (stored: Record<string, unknown>) =>
    readState(
      { get: <T>(key: string) => stored[key] as T | undefined, put: () => {} },
      { isRunning: true, isStarting: false },
    );
  expect(reading({})).toEqual({ ...NEW, isRunning: true });
  expect(
    reading({
      life: { life: 2, env: {}, startedAt: 7 },
      over: 1,
      exit: { life: 1, exitCode: null, reason: "" },
    }),
  ).toMatchObject({ life: 2, startedAt: 7, over: 1, exit: { life: 1 } });
  expect(reading({ dead: true })).toMatchObject({ isDead: true, life: 0 });
});

/**
 * Whatever comes, in whatever order, no life starts twice, none after a later one, none that was asked to end
 * before, and none after a purge; and no order is sent to a life that is not its own.
 */
test("no history starts what may not start", () => {
  const life = fc.integer({ min: 1, max: 5 });
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("order" as const), life }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("halt" as const, "kill" as const), life }) },
    fc.record({ kind: fc.constantFrom("up" as const, "exit" as const), life }),
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("purge" as const), life }) },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40, size: "max" }), (events) => {
      let state = NEW;
      let purged = false;
      const begun: number[] = [];
      const asked = new Set<number>();
      const order = (wanted: number): void => {
        const step = orderStep(state, wanted, null);
        if (step.kind === "end-older") {
          state = {
            ...state,
            over: overFrom(state, step.life) ?? state.over,
            isRunning: false,
            isStarting: false,
          };
          order(wanted);
        } else if (step.kind === "send") expect(runs(state, wanted)).toBe(true);
        else if (step.kind === "start" && !state.isStarting) {
          expect(purged).toBe(false);
          expect(asked.has(wanted)).toBe(false);
          expect(wanted).toBeGreaterThan(Math.max(0, ...begun));
          begun.push(wanted);
          state = { ...state, life: wanted, isStarting: true };
        } else if (step.kind === "start") expect(state.life).toBe(wanted);
      };
      for (const { kind, life: given } of events)
        switch (kind) {
          case "order":
            order(given);
            break;
          case "halt":
          case "kill":
            for (let n = 1; n <= given; n += 1) asked.add(n);
            state = { ...state, over: overFrom(state, given) ?? state.over };
            if (kind === "kill" && mayKill(state, given)) state = { ...state, isRunning: false };
            break;
          case "up":
            if (state.isStarting) state = { ...state, isStarting: false, isRunning: true };
            break;
          case "exit":
            state = { ...state, isRunning: false };
            break;
          case "purge":
            purged = true;
            state = { ...NEW, isDead: true };
        }
    }),
    { numRuns: 500 },
  );
});
