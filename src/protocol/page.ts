import * as v from "valibot";

/** Rows of a page, where nobody says how many. */
export const PAGE_ROWS = 50;
/** Rows of a page at the most. */
export const PAGE_ROWS_MAX = 200;

const LIMIT = `must be a whole number from 1 to ${PAGE_ROWS_MAX}`;

/** How many rows a page has at the most. */
export const Limit = v.pipe(
  v.number(LIMIT),
  v.integer(LIMIT),
  v.minValue(1, LIMIT),
  v.maxValue(PAGE_ROWS_MAX, LIMIT),
);

/** Where a list goes on: the `next` of the page before. What is in it is the list's own business. */
export const Cursor = v.pipe(
  v.string("must be the next of an earlier page"),
  v.regex(/^[A-Za-z0-9_-]{1,200}$/, "must be the next of an earlier page"),
);
export type Cursor = v.InferOutput<typeof Cursor>;

/** What every list may be asked with. */
export const PAGE_ENTRIES = {
  limit: v.optional(
    v.pipe(Limit, v.description(`Rows at the most: 1 to ${PAGE_ROWS_MAX}, by itself ${PAGE_ROWS}.`)),
    PAGE_ROWS,
  ),
  cursor: v.optional(
    v.nullable(v.pipe(Cursor, v.description("The `next` of the page before; without it, the newest rows."))),
    null,
  ),
};

/** A question for one page of a list. `status` is one of those that the list's rows can have. */
export interface PageQuery<Status extends string = never> {
  readonly limit: number;
  /** `null`: the newest. */
  readonly cursor: Cursor | null;
  /** `null`: whatever their status. */
  readonly status: Status | null;
}

/** The newest rows. */
export const FIRST_PAGE: PageQuery = { limit: PAGE_ROWS, cursor: null, status: null };

/** Some rows of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the page after this one; `null`: there is none. */
  readonly next: Cursor | null;
}

/**
 * A page as answers hold it: `{<name>: […], next}`.
 *
 * @example named("beads", page) // { beads: [{ id: "b7", … }], next: null }
 */
export const named = <const Name extends string, Item>(
  name: Name,
  { items, next }: Page<Item>,
): Record<Name, readonly Item[]> & Pick<Page<Item>, "next"> =>
  ({ [name]: items, next }) as Record<Name, readonly Item[]> & Pick<Page<Item>, "next">;
