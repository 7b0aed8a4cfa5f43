import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { meteredStream } from "../../src/model/metered-stream.ts";

const meter = () => {
  const seen: number[] = [];
  return {
    seen,
    push: (bytes: Uint8Array) => void seen.push(...bytes),
    read: () => ({ inputTokens: 0, outputTokens: 0 }),
  };
};

/** A service that streams 0, 1, 2, … as fast as it is asked, `length` pieces in all. */
const service = (length = Infinity) => {
  const state = { sent: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (state.sent === length) controller.close();
        else controller.enqueue(Uint8Array.of(state.sent++));
      },
    },
    { highWaterMark: 0 },
  );
  return { state, body };
};

it("asks the service for the next piece only when the agent reads it", async () => {
  const { state, body } = service();
  const watched = meter();
  const end = vi.fn<() => Promise<void>>(async () => {});
  const reader = meteredStream(body, watched, () => {}, end).getReader();
  await turnOfTheLoop();
  expect(state.sent).toBe(0);
  for (const expected of [0, 1, 2]) {
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(expected) });
    await turnOfTheLoop();
    expect(state.sent).toBe(expected + 1);
  }
  expect(watched.seen).toEqual([0, 1, 2]);
  expect(end).not.toHaveBeenCalled();
});

it("lets the agent see the end only when the end was dealt with", async () => {
  const { promise: dealtWith, resolve } = Promise.withResolvers<void>();
  const reader = meteredStream(
    service(0).body,
    meter(),
    () => {},
    () => dealtWith,
  ).getReader();
  const last = reader.read().then(() => "end");
  expect(await Promise.race([last, turnOfTheLoop("not yet")])).toBe("not yet");
  resolve();
  expect(await last).toBe("end");
});

it("cuts the service off when the agent goes away", async () => {
  const told: string[] = [];
  const end = async () => void told.push("end");
  const stream = meteredStream(service().body, meter(), () => void told.push("cut"), end);
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  expect(told).toEqual(["cut", "end"]);
});
