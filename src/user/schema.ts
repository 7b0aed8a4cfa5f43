import type { Migrations } from "../storage/migrations.ts";

/** The tables of a user's room; `docs/STORAGE.md` describes them. A town that is gone keeps its row. */
const USER_SCHEMA: readonly string[] = [
  `CREATE TABLE towns (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, founded_at INTEGER NOT NULL,
    charter TEXT NOT NULL, container TEXT NOT NULL DEFAULT 'asleep', working INTEGER NOT NULL DEFAULT 0,
    needs_you INTEGER NOT NULL DEFAULT 0, cause TEXT, receipt TEXT, ledger TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER, reason TEXT, seq INTEGER NOT NULL)`,
  `CREATE INDEX towns_state ON towns (state, founded_at)`,
  `CREATE INDEX towns_due ON towns (due_at) WHERE due_at IS NOT NULL`,
  `CREATE INDEX towns_seq ON towns (seq)`,
];

/** The list of towns leaves out those that are gone, however many they are. */
const TOWNS_BY_AGE: readonly string[] = [
  `CREATE INDEX towns_living ON towns (founded_at) WHERE state <> 'gone'`,
];

/** The history of a user's storage: only ever appended to. */
export const USER_MIGRATIONS: Migrations = [
  { name: "baseline", up: USER_SCHEMA },
  { name: "towns-by-age", up: TOWNS_BY_AGE },
];
