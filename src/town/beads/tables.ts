export const BEAD_TABLES: readonly string[] = [
  `CREATE TABLE beads (
    number INTEGER PRIMARY KEY, rig TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, key TEXT UNIQUE,
    status TEXT NOT NULL, assignee TEXT, branch TEXT, commit_id TEXT, base TEXT, merge_commit TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, losses INTEGER NOT NULL DEFAULT 0, reason TEXT, feedback TEXT,
    retry_at INTEGER, held INTEGER NOT NULL DEFAULT 0, intent_commit TEXT, intent_onto TEXT,
    calls INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, seq INTEGER NOT NULL)`,
  `CREATE INDEX beads_status ON beads (status, number)`,
  `CREATE INDEX beads_rig ON beads (rig, number)`,
  `CREATE INDEX beads_seq ON beads (seq)`,
  `CREATE TABLE diffs (bead INTEGER PRIMARY KEY, diff TEXT NOT NULL)`,
  `CREATE TABLE branches (
    rig TEXT NOT NULL, branch TEXT NOT NULL, PRIMARY KEY (rig, branch)) WITHOUT ROWID`,
];

/** Those that a person must look at are shown first, however old they are. */
export const HELD_BEADS: readonly string[] = [`CREATE INDEX beads_held ON beads (number) WHERE held = 1`];

/** A branch is a bead's once something was pushed to it. */
export const UNPUSHED_BRANCHES: readonly string[] = [
  `UPDATE beads SET branch = NULL
   WHERE commit_id IS NULL AND branch IS NOT NULL AND branch NOT IN (SELECT branch FROM branches)`,
];
