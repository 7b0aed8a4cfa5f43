export const RIG_TABLES: readonly string[] = [
  `CREATE TABLE rigs (
    name TEXT PRIMARY KEY, git_url TEXT NOT NULL, branch TEXT, gates TEXT NOT NULL, credential TEXT,
    state TEXT NOT NULL, reason TEXT, head TEXT, attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER,
    created_at INTEGER NOT NULL, seq INTEGER NOT NULL)`,
  `CREATE INDEX rigs_state ON rigs (state)`,
  `CREATE INDEX rigs_seq ON rigs (seq)`,
];

/** Whether the branch was asked for by name; of rigs older than this nobody knows, and theirs stays. */
export const ASKED_BRANCHES: readonly string[] = [
  `ALTER TABLE rigs ADD COLUMN branch_asked INTEGER NOT NULL DEFAULT 1`,
];

/** Checks that were lost with their container are counted apart from those that failed. */
export const CHECK_LOSSES: readonly string[] = [
  `ALTER TABLE rigs ADD COLUMN losses INTEGER NOT NULL DEFAULT 0`,
];
