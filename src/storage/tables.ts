import { first, type Sql } from "../sql.ts";

/**
 * What is read from a table that a room of an older version may not have: for what ends rooms, which are
 * never brought up to date for that.
 */
export const ifThere = <T>(sql: Sql, table: string, otherwise: T, read: () => T | undefined): T => {
  const there = first(sql, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table);
  return (there === null ? undefined : read()) ?? otherwise;
};
