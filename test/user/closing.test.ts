import { describe, expect, test } from "vitest";
import { stillbornReceipt } from "../support/stillborn.ts";
import { fullReceipt, openWorld } from "./world.ts";

describe("closing", () => {
  const founded = async (ledgerFault: string | null = null) => {
    const world = openWorld();
    world.played.found = async () => {
      world.played.ledgerFault = ledgerFault;
      return { ok: true, value: null };
    };
    const { id } = await world.user.foundTown("Elm");
    await world.settled();
    world.did.length = 0;
    return { world, id };
  };

  test("R17: ends the town, then says so in the list and the ledger; again, it is the same", async () => {
    const { world, id } = await founded();
    expect(world.user.closeTown(id, "closed by its owner")).toMatchObject({ state: "closing" });
    expect(world.user.closeTown(id, "again")).toMatchObject({ state: "closing" });
    await world.settled();
    expect(world.did).toEqual(["ledger closing", "destroy", "ledger gone"]);
    const located = world.user.locate(id);
    expect(located).toMatchObject({ state: "gone", receipt: fullReceipt(id) });
    expect(world.user.closeTown(id, "a third time")).toEqual(located);
    expect(world.ledger.rows.get(id)).toMatchObject({ state: "gone", receipt: { agents: 3 } });
    expect(world.alarm).toBeNull();
  });

  test("R14: what isn't known of a town's end yet is not said to be nothing", async () => {
    const { world, id } = await founded();
    world.played.destroy = () => Promise.reject(new Error("it can't be reached"));
    world.user.closeTown(id, "closed by its owner");
    await world.settled();
    expect(world.user.locate(id)).toEqual({
      state: "closing",
      name: "Elm",
      foundedAt: expect.any(Number),
      waitsFor: "it can't be reached",
      receipt: {
        room: `Town ${id}`,
        state: "closing",
        cause: "closed by its owner",
        startedAt: null,
        endedAt: null,
        finalizers: [],
        bytesBefore: null,
        bytesAfter: null,
        agents: null,
        containerExit: null,
        branches: null,
      },
    });
  });

  test("R10: is tried again with doubling waits while the town can't end, and says why", async () => {
    const { world, id } = await founded();
    world.played.destroy = async (town) => ({
      ...fullReceipt(town, "closing"),
      finalizers: fullReceipt(town, "closing").finalizers.map((step) => ({
        ...step,
        reason: "the disk is full",
      })),
    });
    world.user.closeTown(id, "closed");
    await world.settled();
    const waits: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      waits.push((world.alarm ?? Number.NaN) - world.time.now);
      await world.ring();
    }
    expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(waits.at(-1)).toBe(300_000);
    expect(world.storage.sql.all("SELECT state, reason FROM towns")).toEqual([
      { state: "closing", reason: "self: the disk is full" },
    ]);
    world.played.destroy = async (town) => fullReceipt(town);
    await world.ring();
    expect(world.user.locate(id)).toMatchObject({ state: "gone" });
  });

  test("the ledger doesn't hold up the end of what costs money; it is told when it is back", async () => {
    const { world, id } = await founded();
    world.played.ledgerFault = "D1 is away";
    world.user.closeTown(id, "closed");
    await world.settled();
    expect(world.user.locate(id)).toMatchObject({ state: "gone" });
    expect(world.inLedger(id)).toBe("open");
    world.played.ledgerFault = null;
    await world.ring();
    expect(world.inLedger(id)).toBe("gone");
    expect(world.alarm).toBeNull();
  });

  test("R14: what a town said of its end before it was lost is not replaced by the little it says after", async () => {
    const { world, id } = await founded();
    world.played.destroy = (town) => {
      world.user.noteReceipt(town, fullReceipt(town, "closing"));
      return Promise.reject(new Error("Durable Object reset"));
    };
    world.user.closeTown(id, "closed");
    await world.settled();
    expect(world.user.locate(id)).toMatchObject({ state: "closing", receipt: { agents: 3 } });
    world.played.destroy = async (town) => stillbornReceipt(`Town ${town}`, "closed", 9);
    await world.ring();
    const { finalizers, ...rest } = fullReceipt(id);
    expect(world.user.locate(id)).toMatchObject({
      state: "gone",
      receipt: { agents: rest.agents, endedAt: 9 },
    });
    expect(world.user.locate(id)).toMatchObject({
      receipt: { finalizers: finalizers.map(({ name, state }) => ({ name, state })) },
    });
  });

  test("a lost instance goes on by the alarm, and a late word of the town changes nothing after the end", async () => {
    const { world, id } = await founded();
    world.played.destroy = () => new Promise(() => {});
    world.user.closeTown(id, "closed");
    await expect.poll(() => world.did).toContain("destroy");
    world.evict();
    world.played.destroy = async (town) => fullReceipt(town);
    await world.ring();
    const located = world.user.locate(id);
    expect(located).toMatchObject({ state: "gone" });
    world.user.noteReceipt(id, fullReceipt(id, "closing"));
    world.user.noteSummary({
      id,
      name: "Zombie",
      foundedAt: 0,
      container: "awake",
      working: 3,
      needsYou: true,
    });
    expect(world.user.locate(id)).toEqual(located);
  });

  test("R17: a town that dies without its owner's order is closing here, too, and is seen to its end", async () => {
    const { world, id } = await founded();
    world.user.noteReceipt(id, { ...fullReceipt(id, "closing"), cause: "swept" });
    expect(world.user.locate(id)).toMatchObject({ state: "closing" });
    await world.ring();
    expect(world.user.locate(id)).toMatchObject({ state: "gone" });
  });

  test("R17: is seen to its end soon, even if the ledger was away so long that it is tried once a day", async () => {
    const { world, id } = await founded("D1 is away");
    for (let n = 0; n < 20; n += 1) await world.ring();
    expect((world.alarm ?? 0) - world.time.now).toBe(86_400_000);
    world.user.noteReceipt(id, { ...fullReceipt(id, "closing"), cause: "swept" });
    expect((world.alarm ?? Infinity) - world.time.now).toBeLessThanOrEqual(10_000);
    await world.ring();
    expect(world.user.locate(id)).toMatchObject({ state: "gone" });
  });

  test("what isn't theirs is nobody's: null, and nothing is done", async () => {
    const { world } = await founded();
    expect([world.user.closeTown("t9", "x"), world.user.locate("t9")]).toEqual([null, null]);
    world.user.noteReceipt("t9", fullReceipt("t9"));
    await world.settled();
    expect(world.did).toEqual([]);
  });
});
