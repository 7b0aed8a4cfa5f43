export const MONEY_TABLES: readonly string[] = [
  `CREATE TABLE calls (id TEXT PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL)`,
  `CREATE INDEX calls_at ON calls (at)`,
];
