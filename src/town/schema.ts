import type { Sql } from "../sql.ts";

/**
 * The tables of a town; `docs/STORAGE.md` describes them. Made when the town is founded, never in a
 * constructor. `seq` is the town's change counter at the row's last change.
 */
export const TOWN_SCHEMA: readonly string[] = [
  `CREATE TABLE rigs (
    name TEXT PRIMARY KEY, git_url TEXT NOT NULL, branch TEXT, gates TEXT NOT NULL, credential TEXT,
    state TEXT NOT NULL, reason TEXT, head TEXT, attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER,
    created_at INTEGER NOT NULL, seq INTEGER NOT NULL)`,
  `CREATE INDEX rigs_state ON rigs (state)`,
  `CREATE INDEX rigs_seq ON rigs (seq)`,
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
  `CREATE TABLE gates (
    bead INTEGER NOT NULL, run INTEGER NOT NULL, n INTEGER NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (bead, run, n)) WITHOUT ROWID`,
  `CREATE TABLE runs (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, life INTEGER NOT NULL, boot TEXT,
    agent TEXT, process TEXT, rig TEXT, bead INTEGER, message TEXT, no_change TEXT,
    created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, due_at INTEGER NOT NULL,
    cancelling INTEGER NOT NULL DEFAULT 0, outcome TEXT, reason TEXT,
    calls INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0)`,
  `CREATE INDEX runs_open ON runs (number) WHERE state <> 'ended'`,
  `CREATE INDEX runs_bead ON runs (bead, number)`,
  `CREATE TABLE messages (
    id TEXT PRIMARY KEY, agent TEXT NOT NULL, entry INTEGER NOT NULL, text TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER, run INTEGER)`,
  `CREATE INDEX messages_agent ON messages (agent, entry)`,
  `CREATE TABLE agents (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, charter TEXT NOT NULL, founded INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL, reason TEXT, bead INTEGER, run INTEGER, process TEXT, process_life INTEGER, runtime TEXT, taken INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL, seq INTEGER NOT NULL)`,
  `CREATE INDEX agents_status ON agents (status)`,
  `CREATE INDEX agents_seq ON agents (seq)`,
  `CREATE TABLE activity (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    rig TEXT, bead INTEGER, agent TEXT)`,
  `CREATE TABLE touches (reason TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL)`,
  `CREATE TABLE errands (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL)`,
  `CREATE INDEX errands_due ON errands (due_at)`,
  `CREATE TABLE calls (id TEXT PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL)`,
  `CREATE INDEX calls_at ON calls (at)`,
  `CREATE TABLE branches (
    rig TEXT NOT NULL, branch TEXT NOT NULL, PRIMARY KEY (rig, branch)) WITHOUT ROWID`,
];

/** The most activity lines that are kept. */
export const ACTIVITY_KEPT = 1000;

export const createTownSchema = (sql: Sql): void => {
  for (const statement of TOWN_SCHEMA) sql.run(statement);
};
