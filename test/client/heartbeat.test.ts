import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startHeartbeat } from "../../client/state/heartbeat.ts";
import { fakePage } from "./fake-page.ts";

const start = (open = true) => {
  const page = fakePage("");
  const ping = vi.fn<() => boolean>(() => open);
  const dead = vi.fn<() => void>();
  return { page, ping, dead, ...startHeartbeat(page, ping, dead) };
};

describe("the heartbeat", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("pings every 20 s, and is content while answers come", () => {
    const { ping, dead, heard } = start();
    for (let beat = 0; beat < 10; beat += 1) {
      vi.advanceTimersByTime(20_000);
      heard();
    }
    expect(ping).toHaveBeenCalledTimes(10);
    expect(dead).not.toHaveBeenCalled();
  });

  it("gives a socket up after two pings without an answer", () => {
    const { dead } = start();
    vi.advanceTimersByTime(40_000);
    expect(dead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it("sends nothing while the page is hidden, and gives nothing up", () => {
    const { page, ping, dead } = start();
    page.isVisible = false;
    vi.advanceTimersByTime(600_000);
    expect(ping).not.toHaveBeenCalled();
    expect(dead).not.toHaveBeenCalled();
  });

  it("asks at once when the page wakes, and wants the answer within 5 s", () => {
    const { page, ping, dead } = start();
    page.wake();
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5_000);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it("is content when that answer comes in time", () => {
    const { page, dead, heard } = start();
    page.wake();
    heard();
    vi.advanceTimersByTime(19_000);
    expect(dead).not.toHaveBeenCalled();
  });

  it("connects again at once when the page wakes without an open socket", () => {
    const { page, dead } = start(false);
    page.wake();
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it("does nothing any more once stopped", () => {
    const { page, ping, dead, stop } = start();
    stop();
    page.wake();
    vi.advanceTimersByTime(600_000);
    expect(ping).not.toHaveBeenCalled();
    expect(dead).not.toHaveBeenCalled();
  });
});
