import { describe, expect, test } from "vitest";
import type { Context } from "./platform/context.ts";
import { inside } from "./platform/globals.ts";
import { Platform } from "./platform/platform.ts";
import { outsider } from "./platform/caller.ts";

/*
 * What the small platform promises, because everything that the checker says rests on it: it is at least
 * as unkind as Cloudflare's.
 */

interface Environment {
  readonly Town: {
    getByName(
      name: string,
    ): Record<"add" | "count" | "slowly" | "tell", (...args: unknown[]) => Promise<unknown>>;
  };
}

class Counter {
  readonly ctx: Context;
  readonly env: Environment;

  constructor(ctx: Context, env: Environment) {
    this.ctx = ctx;
    this.env = env;
  }

  add(): number {
    const { kv, sql, setAlarm } = this.ctx.storage;
    const count = ((kv.get("count") as number | undefined) ?? 0) + 1;
    kv.put("count", count);
    sql.exec("CREATE TABLE IF NOT EXISTS counts (n INTEGER)");
    sql.exec("INSERT INTO counts VALUES (?)", count);
    void setAlarm(count);
    return count;
  }

  async tell(other: string): Promise<unknown> {
    this.add();
    return this.env.Town.getByName(other).add();
  }

  async slowly(): Promise<void> {
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.sync();
      this.ctx.storage.kv.put("slow", true);
    });
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, 1000);
    });
  }

  alarm(): void {
    this.ctx.storage.kv.put("rung", true);
  }
}

const play = (
  work: (
    platform: Platform,
    call: (name: string, method: string, ...args: unknown[]) => Promise<unknown>,
  ) => Promise<void>,
) => {
  const platform = new Platform({ Town: Counter }, null);
  platform.scheduler.onStep = () => void platform.seal();
  const call = (name: string, method: string, ...args: unknown[]): Promise<unknown> => {
    const asked = platform.call(outsider("test"), { className: "Town", name, method, args });
    asked.catch(() => undefined);
    return asked;
  };
  return inside(platform, () => work(platform, call));
};

const counted = (platform: Platform, name: string): object => {
  const { storage } = platform.host("Town", name);
  const rows = storage.hasTables ? storage.exec("SELECT n FROM counts").map(({ n }) => n) : [];
  return { count: storage.kv.get("count"), rows, alarm: storage.alarm };
};

describe("an object of the small platform", () => {
  test("loses in a crash a tail of what it wrote, records, rows and alarm alike, and never what was told of", () =>
    play(async (platform, call) => {
      const { scheduler } = platform;
      void call("a", "add");
      await scheduler.step();
      await scheduler.step();
      expect(scheduler.log.at(-1)).toMatch(/^answer/);
      void call("a", "add");
      await scheduler.step();
      expect(counted(platform, "a")).toEqual({ count: 2, rows: [1, 2], alarm: 2 });
      platform.host("Town", "a").crash(Infinity);
      expect(counted(platform, "a")).toEqual({ count: 1, rows: [1], alarm: 1 });
    }));

  test("has sent nothing, and answered nothing, of what it wrote and lost", () =>
    play(async (platform, call) => {
      const { scheduler } = platform;
      const told = call("a", "tell", "b");
      await scheduler.step();
      expect(scheduler.waiting(/^Town a → Town b: add$/)).toBeDefined();
      platform.host("Town", "a").crash(Infinity);
      expect(scheduler.waiting(/^Town a → Town b: add$/)).toBeUndefined();
      await scheduler.untilQuiet(scheduler.now);
      await expect(told).rejects.toThrow("the object was reset");
      const answered = call("a", "add");
      await scheduler.step();
      platform.host("Town", "a").crash(Infinity);
      await scheduler.untilQuiet(scheduler.now);
      await expect(answered).rejects.toThrow("the connection was lost");
    }));

  test("may have sent what it then doesn't remember waiting for", () =>
    play(async (platform, call) => {
      const { scheduler } = platform;
      void call("a", "tell", "b");
      await scheduler.step();
      platform.host("Town", "a").crash(0);
      await scheduler.untilQuiet(scheduler.now);
      expect(counted(platform, "b")).toMatchObject({ count: 1 });
    }));

  test("takes nothing while its gate is closed", () =>
    play(async (platform, call) => {
      const { scheduler } = platform;
      void call("a", "slowly");
      void call("a", "add");
      await scheduler.step();
      expect(scheduler.waiting(/: add$/)?.open()).toBe(false);
      await scheduler.untilQuiet(scheduler.now);
      expect(scheduler.log.indexOf("sync of Town a")).toBeLessThan(
        scheduler.log.indexOf("test → Town a: add"),
      );
    }));

  test("rings when its alarm is due, and once more after a crash in the middle", () =>
    play(async (platform, call) => {
      const { scheduler } = platform;
      void call("a", "add");
      await scheduler.untilQuiet(0);
      await scheduler.step();
      expect(scheduler.log.at(-1)).toBe("alarm of Town a");
      platform.host("Town", "a").crash(Infinity);
      await scheduler.step();
      expect(scheduler.log.filter((line) => line === "alarm of Town a")).toHaveLength(2);
      expect(platform.host("Town", "a").storage.alarm).toBeNull();
    }));

  test("loses its timers with its instance", () =>
    play(async (platform, call) => {
      const { scheduler } = platform;
      const asleep = call("a", "sleep");
      await scheduler.step();
      platform.host("Town", "a").crash(0);
      await scheduler.untilQuiet(10_000);
      await expect(asleep).rejects.toThrow("the object was reset");
      expect(scheduler.log.some((line) => line.startsWith("timer"))).toBe(false);
    }));
});
