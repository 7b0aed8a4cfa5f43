import type { Sql } from "../sql.ts";

/** The tables of a user's room; `docs/STORAGE.md` describes them. A town that is gone keeps its row. */
export const USER_SCHEMA: readonly string[] = [
  `CREATE TABLE towns (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, founded_at INTEGER NOT NULL,
    charter TEXT NOT NULL, container TEXT NOT NULL DEFAULT 'asleep', working INTEGER NOT NULL DEFAULT 0,
    needs_you INTEGER NOT NULL DEFAULT 0, cause TEXT, receipt TEXT, ledger TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER, reason TEXT, seq INTEGER NOT NULL)`,
  `CREATE INDEX towns_state ON towns (state, founded_at)`,
  `CREATE INDEX towns_due ON towns (due_at) WHERE due_at IS NOT NULL`,
  `CREATE INDEX towns_seq ON towns (seq)`,
];

export const createUserSchema = (sql: Sql): void => {
  for (const statement of USER_SCHEMA) sql.run(statement);
};
