import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { endingOf } from "../../container/runs/ending.ts";
import { Runs } from "../../container/runs/runs.ts";
import type { RunOrder } from "../../src/protocol/container/order.ts";
import { turnOrder } from "./support/orders.ts";

/** Runs that go on until they are told to end, and then until the test says that they have. */
const runs = () => {
  const log: string[] = [];
  const finish = new Map<string, () => void>();
  const all = new Runs(async ({ runId }: RunOrder, signal) => {
    log.push(`${runId} begins`);
    const over = new Promise<void>((resolve) => finish.set(runId, resolve));
    if (signal.aborted) log.push(`${runId} ${endingOf(signal)}`);
    signal.addEventListener("abort", () => log.push(`${runId} ${endingOf(signal)}`));
    await over;
    log.push(`${runId} is over`);
  });
  return {
    all,
    log,
    finish: async (runId: string) => {
      finish.get(runId)?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
};

const order = (n: number, change: Parameters<typeof turnOrder>[0] = {}): RunOrder =>
  turnOrder({ runId: `r${n}`, fence: n, maxMs: 1000, ...change });

describe("Runs", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const tick = () => vi.advanceTimersByTimeAsync(0);

  test("are live until they have told their result", async () => {
    const { all, finish } = runs();
    all.take(order(1));
    all.take(order(2, { agent: "polecat-1" }));
    await tick();
    expect(all.live()).toEqual([
      { runId: "r1", fence: 1 },
      { runId: "r2", fence: 2 },
    ]);
    await finish("r1");
    expect(all.live()).toEqual([{ runId: "r2", fence: 2 }]);
  });

  test("of the same agent follow one another: the older is ended, and the newer waits for its end", async () => {
    const { all, log, finish } = runs();
    all.take(order(1));
    await tick();
    expect(all.take(order(2))).toBe("taken");
    await tick();
    expect(log).toEqual(["r1 begins", "r1 superseded"]);
    await finish("r1");
    expect(log.slice(2)).toEqual(["r1 is over", "r2 begins"]);
  });

  test("are ended when they take too long, but not before", async () => {
    const { all, log } = runs();
    all.take(order(1));
    await vi.advanceTimersByTimeAsync(999);
    expect(log).toEqual(["r1 begins"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(log).toEqual(["r1 begins", "r1 deadline"]);
  });

  test("may be allowed more time than a timer can count", async () => {
    const { all, log } = runs();
    all.take(order(1, { maxMs: Number.MAX_SAFE_INTEGER }));
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(log).toEqual(["r1 begins"]);
  });

  test("are cancelled by their own fence only, and at once if the order comes later", async () => {
    const { all, log } = runs();
    all.take(order(1));
    await tick();
    all.cancel("r1", 2);
    expect(log).toEqual(["r1 begins"]);
    all.cancel("r1", 1);
    all.cancel("r2", 2);
    all.take(order(2, { agent: "polecat-1" }));
    await tick();
    expect(log.slice(1)).toEqual(["r1 cancelled", "r2 begins", "r2 cancelled"]);
  });

  test("keep the first reason for which they were ended", async () => {
    const { all, log } = runs();
    all.take(order(1));
    await tick();
    all.cancel("r1");
    await vi.advanceTimersByTimeAsync(2000);
    all.take(order(2));
    expect(log).toEqual(["r1 begins", "r1 cancelled"]);
  });

  test("all end when the container stops, and no more are taken", async () => {
    const { all, log, finish } = runs();
    all.take(order(1));
    await tick();
    let hasStopped = false;
    const stopped = all.stop().then(() => (hasStopped = true));
    expect(all.take(order(2))).toBe("stopping");
    await tick();
    expect([log, hasStopped]).toEqual([["r1 begins", "r1 stopping"], false]);
    await finish("r1");
    await stopped;
    expect(all.live()).toEqual([]);
  });
});
