import type { Entry } from "../protocol/entry.ts";
import { PAGE_ROWS_MAX, type Page, type PageQuery } from "../protocol/page.ts";
import { type Listing, readPage } from "../paging.ts";
import type { Sql } from "../sql.ts";
import { COLUMNS, entryOf, type EntryRow } from "./transcript.ts";

/** What one frame or page may hold of texts, in UTF-16 units: a socket's message ends at 32 MiB. */
const FRAME_CHARS = 4_000_000;
/** Entries that a resuming page is told of; one that has missed more starts anew. */
const CATCH_UP = 1000;

const charsOf = (row: EntryRow): number => row.text.length + row.data.length;

const ENTRIES: Listing<EntryRow, Entry> = {
  name: "entries",
  statement: `SELECT ${COLUMNS} FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?`,
  place: ["id"],
  itemOf: entryOf,
  weightOf: (row) => charsOf(row) / FRAME_CHARS,
};

/** A page of the transcript. */
export const listEntries = (sql: Sql, query: Pick<PageQuery, "limit" | "cursor">): Page<Entry> =>
  readPage(sql, ENTRIES, query);

/** A page of what changed after the stamp `after`, the latest change first. */
export const listChanged = (sql: Sql, after: number, query: PageQuery): Page<Entry> =>
  readPage(
    sql,
    {
      ...ENTRIES,
      name: "changes",
      statement: `SELECT ${COLUMNS} FROM entries WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
      binds: [after],
      place: ["seq"],
    },
    query,
  );

/** The last entries, as many as a frame holds. */
export const lastEntries = (sql: Sql): Page<Entry> =>
  listEntries(sql, { limit: PAGE_ROWS_MAX, cursor: null });

/** All that changed after `since`, in the order of change; `null` if that is more than a frame holds. */
export const entriesSince = (sql: Sql, since: number): Entry[] | null => {
  const rows = sql.all<EntryRow>(
    `SELECT ${COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
    since,
    CATCH_UP + 1,
  );
  const chars = rows.reduce((sum, row) => sum + charsOf(row), 0);
  return rows.length <= CATCH_UP && chars <= FRAME_CHARS ? rows.map(entryOf) : null;
};

const HISTORY_CHARS = 24_000;

/** What was said before the present turn, for a process that doesn't know it. Oldest first. */
export const historyOf = (sql: Sql, beforeEntry: number): { from: "user" | "agent"; text: string }[] => {
  const lines: { from: "user" | "agent"; text: string }[] = [];
  let left = HISTORY_CHARS;
  for (const row of sql.all<EntryRow>(
    `SELECT ${COLUMNS} FROM entries WHERE id < ? AND kind IN ('user', 'text') ORDER BY id DESC LIMIT 40`,
    beforeEntry,
  )) {
    const text = row.text.slice(0, Math.min(4000, left));
    if (text === "") break;
    left -= text.length;
    lines.push({ from: row.kind === "user" ? "user" : "agent", text });
  }
  return lines.toReversed();
};
