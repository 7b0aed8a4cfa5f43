export const MERGE_TABLES: readonly string[] = [
  `CREATE TABLE gates (
    bead INTEGER NOT NULL, run INTEGER NOT NULL, n INTEGER NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (bead, run, n)) WITHOUT ROWID`,
];
