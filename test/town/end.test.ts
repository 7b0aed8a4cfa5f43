import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ContainerTruth } from "../../src/rooms/container.ts";
import type { AgentName } from "../../src/protocol/primitives.ts";
import { problem } from "../../src/protocol/problem.ts";
import { establish } from "../../src/storage/migrations.ts";
import { PURGED, STILL_RUNS } from "../../src/town/container/purged.ts";
import { endAgents } from "../../src/town/end/agents.ts";
import { endContainer } from "../../src/town/end/container.ts";
import { toldOf } from "../../src/town/end/known.ts";
import { lastWords } from "../../src/town/end/last-words.ts";
import { TOWN_MIGRATIONS } from "../../src/town/features.ts";
import { openStorage } from "../support/sqlite.ts";
import { stillbornReceipt } from "../support/stillborn.ts";

const dyingTown = () => {
  const storage = openStorage();
  establish(storage, TOWN_MIGRATIONS);
  return storage;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs what has a deadline, and lets the deadline pass. */
const late = async <T>(work: Promise<T>): Promise<T> => {
  const settled = Promise.allSettled([work]);
  await vi.advanceTimersByTimeAsync(60_000);
  await settled;
  return work;
};

describe("the end of a container", () => {
  const killed: ContainerTruth = { running: false, exitCode: 137, reason: "killed" };

  const end = (given: {
    life?: number;
    exit?: string;
    truth?: ContainerTruth;
    purge?: () => Promise<void>;
  }) => {
    const { sql, kv } = dyingTown();
    const { life = 2, exit, truth = killed, purge = () => Promise.reject(new Error(PURGED)) } = given;
    kv.put("container", { life, ...(exit && { lastExit: { at: 1, code: 0, reason: exit } }) });
    const asked: string[] = [];
    let isDying = true;
    const done = endContainer({
      sql,
      kv,
      kill: async (of) => {
        asked.push(`kill ${of}`);
        return truth;
      },
      purge: () => {
        asked.push("purge");
        return purge();
      },
      isDying: () => isDying,
    });
    return { done, asked, told: () => toldOf(sql, kv), bury: () => void (isDying = false) };
  };

  test("C1: addresses no container that never started", async () => {
    const { done, asked } = end({ life: 0 });
    expect(await done).toBe("never started");
    expect(asked).toEqual([]);
  });

  test("R9: is a SIGKILL, then the purge, whose only answer is that it cuts itself off", async () => {
    const { done, asked, told } = end({});
    expect(await done).toBe("killed");
    expect(asked).toEqual(["kill 2", "purge"]);
    expect(told().containerExit).toBe("killed");
  });

  test("says how the last life ended where nothing ran any more", async () => {
    const notRunning = { running: false, exitCode: null, reason: "it is not running" } as const;
    expect(await end({ truth: notRunning, exit: "exit 0" }).done).toBe("exit 0");
    expect(await end({ truth: notRunning }).done).toBe("it is not running");
  });

  test("R10: fails while it still runs, and purges nothing then", async () => {
    const { done, asked } = end({ truth: { running: true } });
    await expect(done).rejects.toThrow(STILL_RUNS);
    expect(asked).toEqual(["kill 2"]);
  });

  test("R10: fails by any other error of the purge, and by one that never comes back", async () => {
    await expect(end({ purge: () => Promise.reject(new Error("reset")) }).done).rejects.toThrow("reset");
    await expect(late(end({ purge: () => new Promise(() => {}) }).done)).rejects.toThrow("took longer");
  });

  test("R15: writes nothing beside a tombstone when it comes back late", async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const { done, told, bury } = end({ purge: () => promise });
    bury();
    reject(new Error(PURGED));
    await done;
    expect(told().containerExit).toBeNull();
  });
});

describe("the end of agents", () => {
  const town = (agents: number) => {
    const { sql, kv } = dyingTown();
    for (let n = 1; n <= agents; n += 1)
      sql.run(
        "INSERT INTO agents (name, role, charter, status, since, seq) VALUES (?, 'polecat', '{}', 'idle', 1, 1)",
        `polecat-${n}`,
      );
    const left = () => sql.all<{ name: string }>("SELECT name FROM agents WHERE status <> 'ended'").length;
    const end = (destroy: (agent: AgentName) => Promise<boolean>) => endAgents({ sql, kv, destroy });
    return { end, left };
  };

  test("R16: strikes off who confirms, a few at once, and counts them all", async () => {
    const { end, left } = town(45);
    let atOnce = 0;
    let most = 0;
    const done = await end(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      return true;
    });
    expect(done).toBe("45 agents");
    expect(left()).toBe(0);
    expect(most).toBe(20);
  });

  test("R16: one that can't be ended, or never answers, stays on the roster and holds up no other", async () => {
    const { end, left } = town(30);
    await expect(
      late(
        end((agent) => {
          if (agent === "polecat-3") return Promise.reject(new Error("overloaded"));
          return agent === "polecat-4" ? new Promise(() => {}) : Promise.resolve(agent !== "polecat-5");
        }),
      ),
    ).rejects.toThrow("overloaded");
    expect(left()).toBe(3);
    expect(await end(async () => true)).toBe("30 agents");
    expect(left()).toBe(0);
  });
});

describe("the last words", () => {
  const receipt = stillbornReceipt("Town t1", "closed", 1);
  const gone = { ok: false, problem: problem("gone", "This is gone.") } as const;

  test("R14: go to the owner, who keeps the receipt", async () => {
    const keep = vi.fn<() => Promise<void>>();
    await lastWords({ tellOwner: async () => ({ ok: true, value: null }), keep }, receipt);
    expect(keep).not.toHaveBeenCalled();
  });

  test("R14: go to the ledger where the owner is gone or never was", async () => {
    for (const kind of ["gone", "not-found"] as const) {
      const keep = vi.fn<() => Promise<void>>(async () => {});
      await lastWords({ tellOwner: async () => ({ ok: false, problem: problem(kind, "") }), keep }, receipt);
      expect(keep).toHaveBeenCalledWith(receipt);
    }
  });

  test("R10: are said again to an owner who could not take them", async () => {
    const shut = { ok: false, problem: problem("unavailable", "It is tried again.") } as const;
    const keep = vi.fn<() => Promise<void>>();
    await expect(lastWords({ tellOwner: async () => shut, keep }, receipt)).rejects.toThrow(
      "the owner did not take the receipt: It is tried again.",
    );
    expect(keep).not.toHaveBeenCalled();
  });

  test("R20: hold up no end where the ledger is away, or never answers", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    for (const keep of [() => Promise.reject(new Error("D1 is away")), () => new Promise<void>(() => {})])
      await late(lastWords({ tellOwner: async () => gone, keep }, receipt));
    expect(logged).toHaveBeenCalledTimes(2);
    logged.mockRestore();
  });
});
