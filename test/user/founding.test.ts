import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openWorld } from "./world.ts";

beforeEach(() => vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

/** A town that was founded, but the ledger went away before it heard that it is open. */
const unheardTown = async () => {
  const world = openWorld();
  world.played.found = async () => {
    world.played.ledgerFault = "D1 is away";
    return { ok: true, value: null };
  };
  const { id } = await world.user.foundTown("Elm");
  await world.settled();
  return { world, id };
};

describe("founding", () => {
  test("R16, R18: a town is on the list and in the ledger before it is founded, and then open in both", async () => {
    const world = openWorld();
    world.played.found = async ({ town }) => {
      expect(world.user.locate(town)).toEqual({ state: "founding" });
      expect(world.inLedger(town)).toBe("founding");
      expect(world.alarm).not.toBeNull();
      return { ok: true, value: null };
    };
    const { id } = await world.user.foundTown("Elm");
    await world.settled();
    expect(world.did).toEqual(["ledger founding", "found", "ledger open"]);
    expect(world.user.locate(id)).toEqual({ state: "open" });
    expect(world.alarm).toBeNull();
  });

  test.for([
    ["the ledger can't be reached", "ledger"],
    ["the town can't be reached", "town"],
    ["the town refuses", "refusal"],
  ] as const)("a founding is undone, and says so, when %s", async ([, fault]) => {
    const world = openWorld();
    if (fault === "ledger") world.played.ledgerFault = "D1 is away";
    if (fault === "town") world.played.found = () => Promise.reject(new Error("overloaded"));
    if (fault === "refusal")
      world.played.found = async () => ({ ok: false, problem: { kind: "gone", detail: "no" } as never });
    await expect(world.user.foundTown("Elm")).rejects.toMatchObject({ problem: { kind: "unavailable" } });
    world.played.ledgerFault = null;
    await world.settled();
    expect(world.user.locate("town-2")).toMatchObject({ state: "gone" });
    expect(world.user.towns().items).toEqual([]);
    expect(world.did).toContain("destroy");
  });

  test.for(["the ledger", "the town"] as const)(
    "a founding is undone, and says so, when %s never answers",
    async (who) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const world = openWorld();
      const never = () => new Promise<never>(() => {});
      if (who === "the ledger") world.ledger.put = never;
      else world.played.found = never;
      const refused = world.user.foundTown("Elm").catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(80_000);
      expect(await refused).toMatchObject({ problem: { kind: "unavailable" } });
      await world.settled();
      expect(world.user.locate("town-2")).toMatchObject({ state: "gone" });
      vi.useRealTimers();
    },
  );

  test("R17: a founding that was cut off is ended by the alarm: nobody was told of that town", async () => {
    const world = openWorld();
    world.played.found = () => new Promise(() => {});
    void world.user.foundTown("Elm");
    await expect.poll(() => world.did).toContain("found");
    world.evict();
    await world.ring();
    expect(world.user.locate("town-2")).toMatchObject({ state: "gone" });
    expect(world.inLedger("town-2")).toBe("gone");
    expect(world.alarm).toBeNull();
  });

  test("a ledger that is away for a month wakes the room ever more seldom, in the end once a day", async () => {
    const { world, id } = await unheardTown();
    expect(world.user.wake()).toEqual({ at: world.alarm, why: "the ledger must be told of a town" });
    const month = world.time.now + 30 * 86_400_000;
    let rings = 0;
    for (; world.time.now < month; rings += 1) await world.ring();
    expect(rings).toBeLessThan(30 + 18);
    world.played.ledgerFault = null;
    await world.ring();
    expect(world.inLedger(id)).toBe("open");
    expect(world.user.wake()).toBeNull();
  });

  test("hole (e): an `open` that the ledger missed is told again until it has it", async () => {
    const { world, id } = await unheardTown();
    expect(world.inLedger(id)).toBe("founding");
    world.played.ledgerFault = null;
    await world.ring();
    expect(world.inLedger(id)).toBe("open");
    expect(world.alarm).toBeNull();
  });
});
