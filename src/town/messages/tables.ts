export const MESSAGE_TABLES: readonly string[] = [
  `CREATE TABLE messages (
    id TEXT PRIMARY KEY, agent TEXT NOT NULL, entry INTEGER NOT NULL, text TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER, run INTEGER)`,
  `CREATE INDEX messages_agent ON messages (agent, entry)`,
];

/** Turns that were lost with their container are counted apart from those that failed. */
export const MESSAGE_LOSSES: readonly string[] = [
  `ALTER TABLE messages ADD COLUMN losses INTEGER NOT NULL DEFAULT 0`,
];
