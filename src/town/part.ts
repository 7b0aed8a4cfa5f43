import type { Sql } from "../sql.ts";

/** One thing that decisions are made from: read by one indexed statement, and known until a table of it is written. */
export interface Part<T> {
  readonly statement: string;
  /** The tables that it is read from: nothing else changes it. */
  readonly tables: readonly string[];
  read(sql: Sql): T;
}

export const part = <T>(
  statement: string,
  tables: readonly string[],
  read: (sql: Sql, statement: string) => T,
): Part<T> => ({ statement, tables, read: (sql) => read(sql, statement) });
