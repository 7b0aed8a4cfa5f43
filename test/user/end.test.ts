import { expect, test } from "vitest";
import { stillbornReceipt } from "../support/stillborn.ts";
import { endTowns } from "../../src/user/end.ts";
import { fullReceipt, openWorld } from "./world.ts";

const endAll = (world: ReturnType<typeof openWorld>) =>
  endTowns({
    sql: world.storage.sql,
    user: "owner",
    now: () => world.time.now,
    ledger: world.ledger,
    destroyTown: (town) => world.played.destroy(town),
  });

/** A town that is gone, of which the ledger has not heard yet. */
const owing = async () => {
  const world = openWorld();
  const { id } = await world.user.foundTown("Elm");
  await world.settled();
  world.played.ledgerFault = "D1 is away";
  world.user.closeTown(id, "closed");
  await world.settled();
  expect(world.user.locate(id)).toMatchObject({ state: "gone" });
  world.played.ledgerFault = null;
  return { world, id };
};

test("R19, R20: an account's end brings the ledger the receipts that it is still owed", async () => {
  const { world, id } = await owing();
  world.played.destroy = () => Promise.reject(new Error("it is gone already"));
  expect(await endAll(world)).toBe("1 town");
  expect(world.ledger.rows.get(id)).toMatchObject({ state: "gone", receipt: { agents: 3 } });
});

test("R14: what a town said of its end before it was lost goes to the ledger, and not the little it says after", async () => {
  const world = openWorld();
  const { id } = await world.user.foundTown("Elm");
  await world.settled();
  world.played.destroy = (town) => {
    world.user.noteReceipt(town, fullReceipt(town, "closing"));
    return Promise.reject(new Error("Durable Object reset"));
  };
  world.user.closeTown(id, "closed");
  await world.settled();
  world.played.destroy = async (town) => stillbornReceipt(`Town ${town}`, "closed", 9);
  await endAll(world);
  expect(world.ledger.rows.get(id)).toMatchObject({ state: "gone", receipt: { state: "gone", agents: 3 } });
});

test("R19: an account's end takes what its towns were called out of the ledger, and is tried again till it has", async () => {
  const { world, id } = await owing();
  const unname = world.ledger.unname;
  world.ledger.unname = () => Promise.reject(new Error("D1 is away"));
  await expect(endAll(world)).rejects.toThrow("D1 is away");
  world.ledger.unname = unname;
  expect(await endAll(world)).toBe("1 town");
  expect(world.ledger.rows.get(id)).toMatchObject({ name: "", state: "gone", receipt: { agents: 3 } });
});
