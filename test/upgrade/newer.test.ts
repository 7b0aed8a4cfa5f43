import { serialize } from "node:v8";
import { expect, it } from "vitest";
import type { Curfew } from "../support/curfew.ts";
import { watchTown } from "../support/watch-rooms.ts";
import { expectTown } from "./as-before.ts";
import { takeInventory } from "./inventory.ts";
import type { Answer } from "./make/town.ts";
import { openOld } from "./open-old.ts";
import { inRoom, roomFiles, type Unpacked, unpack } from "./unpack.ts";

const LATER = { version: 1000, name: "of a later build" };

/** Leaves the open town's room as a build with a migration that this one doesn't have would. */
const upgradeByLaterBuild = ({ state }: Unpacked): Disposable => {
  const set = (value: Buffer | null): void => {
    for (const file of roomFiles(state, "Town"))
      inRoom(file, (db) => {
        if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'beads'").get() === undefined) return;
        db.prepare("DELETE FROM _cf_KV WHERE key = 'schema'").run();
        if (value) db.prepare("INSERT INTO _cf_KV (key, value) VALUES ('schema', ?)").run(value);
      });
  };
  set(serialize(LATER));
  return { [Symbol.dispose]: () => set(null) };
};

const expectRefused = async (curfew: Curfew, town: string): Promise<void> => {
  const refused = { status: 503, kind: "unavailable", detail: expect.stringContaining("newer version") };
  for (const [method, path, body] of [
    ["GET", ""],
    ["GET", "/beads"],
    ["POST", "/beads", { rig: "app", title: "Never" }],
    ["DELETE", ""],
  ] as const) {
    const answer = await curfew.api<Answer>(method, `/api/towns/${town}${path}`, body);
    expect(answer.body, `${method} ${path}`).toMatchObject(refused);
  }
  using page = watchTown(curfew, town);
  await expect.poll(() => page.closes).toContain(4503);
  expect(page.state).toBeNull();
};

it("U6, U9: a town that a newer build has written is refused with a sentence, and is as it was when that build is back", async () => {
  using old = unpack("rest");
  const { town = "", gone = "" } = old.towns;
  await using curfew = await openOld(old);
  {
    using _later = upgradeByLaterBuild(old);
    await curfew.start();
    await expectRefused(curfew, town);
    const { body } = await curfew.api<Answer>("GET", `/api/admin/rooms/Town/${town}`);
    expect(body).toMatchObject({ vital: "alive" });
    await curfew.stop();
  }
  await curfew.start();
  const now = await takeInventory(curfew, [gone]);
  expectTown(old.inventory, now, town, { beads: ["b7"], rigs: ["slow"], agents: ["polecat-7"] });
});
