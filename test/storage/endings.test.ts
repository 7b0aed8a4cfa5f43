import { describe, expect, test } from "vitest";
import { stillbornReceipt } from "../support/stillborn.ts";
import { bringUpToDate, establish, type Migrations } from "../../src/storage/migrations.ts";
import { endOfTown, rosterOf, strikeOff } from "../../src/town/end/known.ts";
import { TOWN_MIGRATIONS } from "../../src/town/features.ts";
import { endTowns } from "../../src/user/end.ts";
import { USER_MIGRATIONS } from "../../src/user/schema.ts";
import { playLedger } from "../ledger/played-ledger.ts";
import { openStorage, type RoomStorage } from "../support/sqlite.ts";

/**
 * A dying room is never brought up to date, so whatever reads it at its end reads the tables of every
 * version that there ever was. Each is made here as it came about: rows written by the first version,
 * then brought up to it.
 */
const versionsOf = (all: Migrations): readonly Migrations[] => {
  const [first, ...rest] = all;
  return all.map((_, known) => [first, ...rest.slice(0, known)] as const);
};

const ofVersion = (version: Migrations, write: (storage: RoomStorage) => void): RoomStorage => {
  const storage = openStorage();
  establish(storage, [version[0]]);
  write(storage);
  bringUpToDate(storage, version);
  return storage;
};

describe("what an end reads is there in every version", () => {
  test.each(versionsOf(TOWN_MIGRATIONS).map((version) => [version.length, version] as const))(
    "U5: a town of version %i",
    (_, version) => {
      const { sql, kv } = ofVersion(version, (storage) => {
        for (const name of ["mayor", "polecat-1"])
          storage.sql.run(
            "INSERT INTO agents (name, role, charter, status, since, seq) VALUES (?, 'polecat', '{}', 'idle', 1, 1)",
            name,
          );
        storage.sql.run("INSERT INTO branches (rig, branch) VALUES ('repo', 'curfew/b1')");
      });
      const branches = [{ rig: "repo", branch: "curfew/b1" }];
      expect(endOfTown(sql, kv)).toEqual({ life: 0, exit: null, agents: 2, branches });
      strikeOff(sql, "mayor");
      expect(rosterOf(sql, "", 10)).toEqual([{ name: "polecat-1" }]);
    },
  );

  test.each(versionsOf(USER_MIGRATIONS).map((version) => [version.length, version] as const))(
    "U5: a user of version %i",
    async (_, version) => {
      const { sql } = ofVersion(version, (storage) =>
        storage.sql.run(
          `INSERT INTO towns (id, name, state, founded_at, charter, ledger, seq)
           VALUES ('elm', 'Elm', 'open', 1, '{}', 'open', 1)`,
        ),
      );
      const ledger = playLedger();
      const ended = await endTowns({
        sql,
        user: "owner",
        now: () => 5,
        ledger,
        destroyTown: async (town) => stillbornReceipt(`Town ${town}`, "closed", 5),
      });
      expect(ended).toBe("1 town");
      expect(ledger.rows.get("elm")).toMatchObject({ state: "gone" });
    },
  );

  test("U5: and a table that isn't there holds nothing", () => {
    const { sql, kv } = openStorage();
    expect(endOfTown(sql, kv)).toEqual({ life: 0, exit: null, agents: 0, branches: [] });
    expect(rosterOf(sql, "", 10)).toEqual([]);
  });
});
