export const TOUCH_TABLES: readonly string[] = [
  `CREATE TABLE touches (reason TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL)`,
];
