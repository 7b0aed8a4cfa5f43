import type { Kv, Sql } from "../sql.ts";

/** What a migration changes: all that a room has stored, but its life (`vital`). */
export interface Storage {
  readonly sql: Sql;
  readonly kv: Kv;
}

/**
 * One step from a version of a room's storage to the next. Once it has been applied anywhere it never
 * changes: `test/storage/migrations.test.ts` knows the hash of each.
 *
 * @example { name: "dependencies", up: ["ALTER TABLE beads ADD COLUMN needs TEXT"] }
 */
export interface Migration {
  /** Unique in its list: it is stored, and tells this history from another. */
  readonly name: string;
  /** SQL statements; or, where records must be rewritten, what rewrites them, synchronously. */
  readonly up: readonly string[] | ((storage: Storage) => void);
}

/**
 * The history of one class of rooms, oldest first: a list to which is only appended. The first makes the
 * tables with which rooms began to have a history. The number of migrations is the version.
 */
export type Migrations = readonly [Migration, ...Migration[]];

/** Which version a room's storage is of, as it is written there under {@link SCHEMA}. */
export interface Schema {
  readonly version: number;
  /** The name of the last migration that was applied. */
  readonly name: string;
}

/** The key of a room's {@link Schema}. */
export const SCHEMA = "schema";

/**
 * The version that is stored. Rooms from before there were migrations have no record of it: their tables
 * are those that the first migration makes.
 */
export const schemaOf = (kv: Kv, migrations: Migrations): Schema =>
  kv.get<Schema>(SCHEMA) ?? { version: 1, name: migrations[0].name };

/** How a room's storage stands to the code that wants to open it. */
export type Standing =
  | { readonly kind: "current" }
  | { readonly kind: "older"; readonly due: readonly Migration[] }
  /** Its last migration isn't one of these: a later build has written it, or one of another line. */
  | { readonly kind: "newer" };

export const standingOf = (schema: Schema, migrations: Migrations): Standing => {
  if (migrations[schema.version - 1]?.name !== schema.name) return { kind: "newer" };
  const due = migrations.slice(schema.version);
  return due.length === 0 ? { kind: "current" } : { kind: "older", due };
};

const apply = (storage: Storage, migrations: Migrations, due: readonly Migration[]): void => {
  for (const { up } of due) {
    if (typeof up === "function") up(storage);
    else for (const statement of up) storage.sql.run(statement);
  }
  const version = migrations.length;
  const { name } = migrations.at(-1) ?? migrations[0];
  storage.kv.put(SCHEMA, { version, name } satisfies Schema);
};

/** Makes the storage of a room that is founded: every migration, inside the founding's transaction. */
export const establish = (storage: Storage, migrations: Migrations): void =>
  apply(storage, migrations, migrations);

/**
 * Brings an older room's storage up to date, inside a transaction of the caller: should a migration throw,
 * what the ones before it did is undone with it.
 *
 * @returns how it stood before: `newer` is left as it is
 * @throws what a migration throws
 */
export const bringUpToDate = (storage: Storage, migrations: Migrations): Standing => {
  const standing = standingOf(schemaOf(storage.kv, migrations), migrations);
  if (standing.kind === "older") apply(storage, migrations, standing.due);
  return standing;
};
