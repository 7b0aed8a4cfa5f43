import { expect, it } from "vitest";
import { establish, SCHEMA, type Migration, type Migrations } from "../../src/storage/migrations.ts";
import { nextTry } from "../../src/storage/next-try.ts";
import { Opening } from "../../src/storage/opening.ts";
import { openStorage } from "../support/sqlite.ts";

const BASELINE: Migration = { name: "baseline", up: ["CREATE TABLE beads (id TEXT)"] };
const COLUMN: Migration = { name: "column", up: ["ALTER TABLE beads ADD COLUMN needs TEXT"] };
const BREAKS: Migration = { name: "breaks", up: ["ALTER TABLE nowhere ADD COLUMN needs TEXT"] };

const MINUTE_MS = 60_000;

const openRoom = (known: Migrations, stored: Migrations = [BASELINE]) => {
  const storage = openStorage();
  establish(storage, stored);
  const room = { known, now: 1_000_000, reports: 0, reads: 0 };
  const opening = new Opening({
    sql: storage.sql,
    kv: {
      get: <T>(key: string) => {
        room.reads += 1;
        return storage.kv.get<T>(key);
      },
      put: storage.kv.put,
    },
    migrations: () => room.known,
    transaction: storage.transaction,
    now: () => room.now,
    report: () => void (room.reports += 1),
  });
  return { storage, room, opening };
};

it("U2: after the first entry, one look at memory: storage isn't read again", () => {
  const { room, opening } = openRoom([BASELINE, COLUMN]);
  expect(opening.open()).toBeNull();
  const { reads } = room;
  for (let n = 0; n < 10; n += 1) expect(opening.open()).toBeNull();
  expect(room.reads).toBe(reads);
});

it("U4: a migration that throws undoes those before it, and is not tried again by each who comes", () => {
  const { storage, room, opening } = openRoom([BASELINE, COLUMN, BREAKS]);
  for (let n = 0; n < 3; n += 1) expect(opening.open()).toMatch(/could not be brought up to date/);
  expect(room.reports).toBe(1);
  expect(() => storage.sql.all("SELECT needs FROM beads")).toThrow("no such column");
  expect(storage.kv.get(SCHEMA)).toEqual({ version: 1, name: "baseline" });
  opening.open(true);
  expect(room.reports).toBe(2);
  room.known = [BASELINE, COLUMN];
  room.now += MINUTE_MS;
  expect(opening.open()).toBeNull();
});

it("U3: a look tries it out and leaves it as it was", () => {
  const { storage, opening } = openRoom([BASELINE, COLUMN]);
  const look = { version: 1, name: "baseline", standing: "older", shut: null };
  expect(opening.look("alive")).toEqual(look);
  expect(storage.kv.get(SCHEMA)).toEqual({ version: 1, name: "baseline" });
  expect(openRoom([BASELINE, BREAKS]).opening.look("alive").shut).toMatch(/no such table: nowhere/);
  // One that is dying is never brought up to date, so nothing can fail.
  expect(openRoom([BASELINE, BREAKS]).opening.look("dying")).toEqual(look);
});

it("U6: what a newer version has written is left alone", () => {
  const { opening } = openRoom([BASELINE], [BASELINE, COLUMN]);
  const shut = "A newer version of Curfew has written this (2, column); this one can't open it.";
  expect(opening.open()).toBe(shut);
  expect(opening.newer()).toBe(shut);
  expect(opening.look("alive")).toMatchObject({ standing: "newer", shut });
});

it("U7: the alarm remembers by itself how often it has rung in vain: from a minute to an hour", () => {
  let now = 1_795_832_492_295;
  let rang: number | undefined;
  const waits: number[] = [];
  for (let n = 0; n < 9; n += 1) {
    rang = nextTry(rang, now);
    waits.push((rang - now) / MINUTE_MS);
    now = rang;
  }
  for (const [n, minutes] of [1, 2, 4, 8, 16, 32].entries()) expect(waits[n]).toBeCloseTo(minutes, 0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60);
  expect(waits.at(-1)).toBeGreaterThan(59);
});
