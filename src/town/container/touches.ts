import type { Sql } from "../../sql.ts";
import type { Tx } from "../tx.ts";

/** Writes down that the container is about to be touched, and why. */
export const touch = (tx: Tx, reason: string): void => {
  tx.sql.run(
    `INSERT INTO touches (reason, count, last_at) VALUES (?, 1, ?)
     ON CONFLICT (reason) DO UPDATE SET count = count + 1, last_at = excluded.last_at`,
    reason,
    tx.now,
  );
  tx.changes.town = true;
};

export const listTouches = (sql: Sql): { reason: string; count: number; lastAt: number }[] =>
  sql.all("SELECT reason, count, last_at AS lastAt FROM touches ORDER BY reason");
