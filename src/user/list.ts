import type { Page, PageQuery } from "../protocol/page.ts";
import type { TownState, TownSummary } from "../protocol/town.ts";
import { readPage } from "../paging.ts";
import type { Sql } from "../sql.ts";
import { summaryOf, type TownRow } from "./rows.ts";

/** A row, and its place among towns that were founded in the same millisecond. */
interface PlacedTownRow extends TownRow {
  place: number;
}

const LISTING = { name: "towns", place: ["founded_at", "place"], itemOf: summaryOf } as const;

/** A user's towns; those that are gone only where they are asked for. */
export const listTowns = (sql: Sql, query: PageQuery<TownState>): Page<TownSummary> =>
  query.status === null
    ? readPage<PlacedTownRow, TownSummary>(
        sql,
        {
          ...LISTING,
          statement: `SELECT *, rowid AS place FROM towns
            WHERE state <> 'gone' AND (founded_at, rowid) < (?, ?)
            ORDER BY founded_at DESC, rowid DESC LIMIT ?`,
        },
        query,
      )
    : readPage<PlacedTownRow, TownSummary>(
        sql,
        {
          ...LISTING,
          statement: `SELECT *, rowid AS place FROM towns
            WHERE state = ? AND (founded_at, rowid) < (?, ?)
            ORDER BY founded_at DESC, rowid DESC LIMIT ?`,
          binds: [query.status],
        },
        query,
      );

/** The towns that changed after a stamp, gone ones too; `null` if they are more than `most`. */
export const townsSince = (sql: Sql, seq: number, most: number): TownSummary[] | null => {
  const rows = sql.all<TownRow>("SELECT * FROM towns WHERE seq > ? ORDER BY seq LIMIT ?", seq, most + 1);
  return rows.length > most ? null : rows.map(summaryOf);
};
