/** What a bound parameter or a column may be. */
export type SqlValue = string | number | null;

/** A room's SQLite as its domain sees it: synchronous, no platform type. */
export interface Sql {
  /** Runs one statement and returns its rows. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows its columns
  all<Row extends object>(statement: string, ...binds: readonly SqlValue[]): Row[];
  /** Runs one statement whose rows nobody wants. */
  run(statement: string, ...binds: readonly SqlValue[]): void;
}

/** The first row, or `null`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows its columns
export const first = <Row extends object>(
  sql: Sql,
  statement: string,
  ...binds: readonly SqlValue[]
): Row | null => sql.all<Row>(statement, ...binds)[0] ?? null;

/** A room's small records: synchronous key-value storage. */
export interface Kv {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows its record
  get<T>(key: string): T | undefined;
  put(key: string, value: unknown): void;
}
