export const DIARY_TABLES: readonly string[] = [
  `CREATE TABLE activity (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    rig TEXT, bead INTEGER, agent TEXT)`,
];
