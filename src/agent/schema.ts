import type { Migrations } from "../storage/migrations.ts";

/** A tool call that goes on; there are few, whatever the length of the transcript. */
export const OPEN_TOOL = "kind = 'tool' AND json_extract(data, '$.status') IN ('pending', 'in_progress')";

/**
 * The tables of an agent's room; `docs/STORAGE.md` describes them. An entry's `id` is its place in the
 * transcript, `seq` the room's change counter at its last change, `key` what the container calls it.
 */
const AGENT_SCHEMA: readonly string[] = [
  `CREATE TABLE entries (
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, run TEXT, key TEXT UNIQUE,
    kind TEXT NOT NULL, text TEXT NOT NULL DEFAULT '', data TEXT NOT NULL DEFAULT '{}')`,
  `CREATE INDEX entries_seq ON entries (seq)`,
  `CREATE INDEX entries_open ON entries (id) WHERE ${OPEN_TOOL}`,
  `CREATE TABLE inbox (id TEXT PRIMARY KEY, entry INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL)`,
  `CREATE INDEX inbox_entry ON inbox (entry)`,
];

/** The history of an agent's storage: only ever appended to. */
export const AGENT_MIGRATIONS: Migrations = [{ name: "baseline", up: AGENT_SCHEMA }];
