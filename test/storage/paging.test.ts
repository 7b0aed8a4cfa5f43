import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Listing, readPage } from "../../src/paging.ts";
import { named, type Page, type PageQuery } from "../../src/protocol/page.ts";
import { openStorage } from "../support/sqlite.ts";

interface Row {
  at: number;
  n: number;
}

const LISTING: Listing<Row, number> = {
  name: "rows",
  statement: "SELECT at, n FROM rows WHERE (at, n) < (?, ?) ORDER BY at DESC, n DESC LIMIT ?",
  place: ["at", "n"],
  itemOf: ({ n }) => n,
};

const open = () => {
  const { sql } = openStorage();
  sql.run("CREATE TABLE rows (at INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (at, n)) WITHOUT ROWID");
  let rows = 0;
  const add = (at: number): number => {
    rows += 1;
    sql.run("INSERT INTO rows (at, n) VALUES (?, ?)", at, rows);
    return rows;
  };
  return { sql, add };
};

describe("a list that is read by pages", () => {
  // Rows are added while somebody reads on: those that were there are each read once, newest first, also where
  // several have the same time; those that came meanwhile lie before where the reader is, and are not read.
  test("A8: gives every row once, newest first, whatever comes meanwhile", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5), { maxLength: 40 }),
        fc.array(fc.nat(3), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (times, later, limit) => {
          const { sql, add } = open();
          const before = times.map((at) => ({ at, n: add(at) })).toSorted((a, b) => b.at - a.at || b.n - a.n);
          const read: number[] = [];
          let cursor: string | null = null;
          do {
            const page: Page<number> = readPage(sql, LISTING, { limit, cursor });
            expect(page.items.length).toBeLessThanOrEqual(limit);
            read.push(...page.items);
            cursor = page.next;
            const more = later.shift();
            if (more !== undefined) add(6 + more);
          } while (cursor !== null);
          expect(read).toEqual(before.map(({ n }) => n));
        },
      ),
    );
  });

  test("has a page of one row even where that is more than a page can hold, and never an empty one", () => {
    const { sql, add } = open();
    for (const at of [1, 2, 3]) add(at);
    const heavy = { ...LISTING, weightOf: ({ at }: Row) => at };
    const first = readPage(sql, heavy, { limit: 50, cursor: null });
    expect(first.items).toEqual([3]);
    const second = readPage(sql, heavy, { limit: 50, cursor: first.next });
    expect(second.items).toEqual([2]);
    expect(readPage(sql, heavy, { limit: 50, cursor: second.next })).toEqual({ items: [1], next: null });
  });

  test("A5: refuses a cursor that isn't one of its own", () => {
    const { sql, add } = open();
    for (const at of [1, 2]) add(at);
    const { next } = readPage(sql, LISTING, { limit: 1, cursor: null });
    const other = { ...LISTING, name: "others" };
    const query: PageQuery = { limit: 1, cursor: next, status: null };
    expect(() => readPage(sql, other, query)).toThrow(
      "cursor: must be the next of an earlier page of this list",
    );
    for (const place of [
      ["rows"],
      ["rows", 1],
      ["rows", 1, 2, 3],
      ["rows", "1", 2],
      ["rows", -1, 2],
      7,
      "rows",
    ]) {
      const cursor = btoa(JSON.stringify(place)).replaceAll("=", "");
      expect(() => readPage(sql, LISTING, { limit: 1, cursor })).toThrow("cursor:");
    }
  });

  test("is told by its name", () => {
    expect(named("beads", { items: [1], next: "x" })).toEqual({ beads: [1], next: "x" });
  });
});
