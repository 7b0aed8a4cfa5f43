import { runDurableObjectAlarm } from "cloudflare:test";
import { vi } from "vitest";
import { soon } from "./soon.ts";

/** Shorter than a container sleeps and lives, longer than any test. */
const AHEAD_MS = 10 * 60_000;

interface Probed {
  probe(): Promise<{ readonly alarm: number | null }>;
}

/**
 * Takes over the rooms' clock and puts it ahead, by ten minutes unless it is said. The runtime's own clock
 * goes on, so that no alarm that is set from here on rings by itself before that: {@link ring} rings it.
 * `vi.useRealTimers()` ends it.
 */
export const takeClock = (aheadMs = AHEAD_MS): void => {
  vi.useFakeTimers({ now: Date.now() + aheadMs, toFake: ["Date"] });
};

/** Rings a room's alarm at the time for which it is set, and returns that time. */
export const ring = async <Room extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<Room>,
): Promise<number> => {
  const { alarm } = await (stub as unknown as Probed).probe();
  if (alarm === null) throw new Error("no alarm is set");
  vi.setSystemTime(Math.max(alarm, Date.now()));
  await runDurableObjectAlarm(stub);
  return alarm;
};

/** Rings a room's alarm, as often as it sets one, until `look` no longer throws. */
export const ringUntil = <Room extends Rpc.DurableObjectBranded, T>(
  stub: DurableObjectStub<Room>,
  look: () => T | Promise<T>,
): Promise<T> =>
  soon(async () => {
    const { alarm } = await (stub as unknown as Probed).probe();
    if (alarm !== null) await ring(stub);
    return look();
  });
