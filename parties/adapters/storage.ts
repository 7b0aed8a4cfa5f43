import type { Kv, Sql, SqlValue } from "../../src/sql.ts";

/** A room's SQLite as domains see it. */
export const sqlOf = (storage: DurableObjectStorage): Sql => ({
  all: <Row extends object>(statement: string, ...binds: readonly SqlValue[]) =>
    storage.sql.exec(statement, ...binds).toArray() as unknown as Row[],
  run: (statement, ...binds) => {
    storage.sql.exec(statement, ...binds);
  },
});

/** A room's small records as domains see them. */
export const kvOf = (storage: DurableObjectStorage): Kv => ({
  get: (key) => storage.kv.get(key),
  put: (key, value) => storage.kv.put(key, value),
});

/**
 * Tables of the platform, not of a room: the runtime's key-value store and alarm, SQLite's own, and the
 * name that the local simulator writes into every object that is touched.
 */
const PLATFORM_TABLES = /^(_cf_|sqlite_|__miniflare_)/;

/** The tables that are a room's own. */
export const ownTables = (storage: DurableObjectStorage): string[] =>
  storage.sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .toArray()
    .map((row) => row.name)
    .filter((name) => !PLATFORM_TABLES.test(name));

/**
 * Removes all that is stored but one key, and the alarm: in one step that neither a crash nor another
 * event can come between, as they can after `deleteAll`.
 */
export const removeAllBut = (storage: DurableObjectStorage, kept: string): void => {
  storage.transactionSync(() => {
    const keys = Array.from(storage.kv.list(), ([key]) => key);
    for (const key of keys) if (key !== kept) storage.kv.delete(key);
    for (const table of ownTables(storage)) storage.sql.exec(`DROP TABLE "${table}"`);
    void storage.deleteAlarm();
  });
};
