import { runDurableObjectAlarm } from "cloudflare:test";
import { vi } from "vitest";

const DAY_MS = 86_400_000;

interface Probed {
  probe(): Promise<{ readonly alarm: number | null }>;
}

/**
 * Takes over the rooms' clock and puts it a day ahead. The runtime's own clock goes on, so no alarm that
 * is set from here on rings by itself: {@link ring} rings them. `vi.useRealTimers()` ends it.
 */
export const takeClock = (): void => {
  vi.useFakeTimers({ now: Date.now() + DAY_MS, toFake: ["Date"] });
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
