export const AGENT_TABLES: readonly string[] = [
  `CREATE TABLE agents (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, charter TEXT NOT NULL, founded INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL, reason TEXT, bead INTEGER, run INTEGER, process TEXT, process_life INTEGER, runtime TEXT, taken INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL, seq INTEGER NOT NULL)`,
  `CREATE INDEX agents_status ON agents (status)`,
  `CREATE INDEX agents_seq ON agents (seq)`,
];

/** An agent is on a bead only until that has ended. */
export const ENDED_BEADS: readonly string[] = [
  `UPDATE agents SET bead = NULL
   WHERE bead IN (SELECT number FROM beads WHERE status IN ('closed', 'cancelled'))`,
];
