export const RUN_TABLES: readonly string[] = [
  `CREATE TABLE runs (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, life INTEGER NOT NULL, boot TEXT,
    agent TEXT, process TEXT, rig TEXT, bead INTEGER, message TEXT, no_change TEXT,
    created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, due_at INTEGER NOT NULL,
    cancelling INTEGER NOT NULL DEFAULT 0, outcome TEXT, reason TEXT,
    calls INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0)`,
  `CREATE INDEX runs_open ON runs (number) WHERE state <> 'ended'`,
  `CREATE INDEX runs_bead ON runs (bead, number)`,
];
