import * as v from "valibot";
import type { Cursor, Page, PageQuery } from "./protocol/page.ts";
import { Refusal } from "./protocol/problem.ts";
import type { Sql, SqlValue } from "./sql.ts";

/**
 * One list of a room: read newest first, each page by an index from where the one before ended, so that the
 * hundredth page costs what the first does.
 */
export interface Listing<Row extends object, Item> {
  /** Names the list in its cursors: those of another are refused. */
  readonly name: string;
  /**
   * Its parameters are {@link binds}, then the place that rows come before (a number for each of the columns
   * of {@link place}), then how many rows.
   */
  readonly statement: string;
  readonly binds?: readonly SqlValue[];
  /** The columns that the statement orders by, largest first: together they name a row. */
  readonly place: readonly (string & keyof Row)[];
  readonly itemOf: (row: Row) => Item;
  /** How much of what a page can hold a row takes, 0 to 1; left out: rows are small. */
  readonly weightOf?: (row: Row) => number;
}

/** Before every row. */
const START = Number.MAX_SAFE_INTEGER;

const Place = v.tupleWithRest([v.string()], v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

const encode = (place: readonly unknown[]): Cursor =>
  btoa(JSON.stringify(place)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const decode = (cursor: Cursor): unknown => {
  try {
    return JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
};

/** @throws Refusal `bad-request` for a cursor that isn't one of this list */
const placeOf = (list: string, columns: number, cursor: Cursor | null): readonly number[] => {
  if (cursor === null) return Array.from({ length: columns }, () => START);
  const parsed = v.safeParse(Place, decode(cursor));
  const [name, ...place] = parsed.success ? parsed.output : [""];
  if (name !== list || place.length !== columns)
    throw new Refusal("bad-request", "cursor: must be the next of an earlier page of this list");
  return place;
};

/** The cursor of what comes after `row` in a list. */
export const cursorAfter = <Row extends object>(
  { name, place }: Pick<Listing<Row, unknown>, "name" | "place">,
  row: Row,
): Cursor => encode([name, ...place.map((column) => row[column])]);

/** How many of the rows fit into a page: one always does. */
const fitting = <Row extends object>(
  { weightOf }: Pick<Listing<Row, unknown>, "weightOf">,
  rows: readonly Row[],
): number => {
  if (weightOf === undefined) return rows.length;
  let weight = 0;
  const tooMuch = rows.findIndex((row) => {
    weight += weightOf(row);
    return weight > 1;
  });
  return tooMuch === -1 ? rows.length : Math.max(1, tooMuch);
};

/**
 * Reads one page of a list.
 *
 * @throws Refusal `bad-request` for a cursor that isn't one of this list
 */
export const readPage = <Row extends object, Item>(
  sql: Sql,
  listing: Listing<Row, Item>,
  { limit, cursor }: Pick<PageQuery, "limit" | "cursor">,
): Page<Item> => {
  const { name, statement, binds = [], place, itemOf } = listing;
  // One more than asked for tells whether there is a next page.
  const rows = sql.all<Row>(statement, ...binds, ...placeOf(name, place.length, cursor), limit + 1);
  const shown = rows.slice(0, fitting(listing, rows.slice(0, limit)));
  const last = shown.at(-1);
  return {
    items: shown.map(itemOf),
    next: last !== undefined && rows.length > shown.length ? cursorAfter(listing, last) : null,
  };
};
