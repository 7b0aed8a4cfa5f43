/** As it was called, and told its lanes apart, before it had one column for that. */
export const ERRAND_TABLES: readonly string[] = [
  `CREATE TABLE errands (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL)`,
  `CREATE INDEX errands_due ON errands (due_at)`,
];

export const ERRANDS_TO_OUTBOX: readonly string[] = [
  `CREATE TABLE outbox (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, lane TEXT NOT NULL, payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL)`,
  `INSERT INTO outbox (id, kind, lane, payload, attempts, due_at)
   SELECT id, kind, CASE kind WHEN 'cancel-run' THEN 'container' ELSE 'peers' END, payload, attempts, due_at
   FROM errands`,
  `DROP TABLE errands`,
  `CREATE INDEX outbox_due ON outbox (due_at)`,
  `CREATE INDEX outbox_lane ON outbox (lane, due_at)`,
];
