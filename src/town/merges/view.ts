import { GateResult } from "../../protocol/bead.ts";
import { parse } from "../../protocol/parse.ts";
import type { Sql } from "../../sql.ts";

/** The gates of a bead's last merge run, in order. */
export const listGatesOf = (sql: Sql, bead: number): GateResult[] =>
  sql
    .all<{ result: string }>(
      `SELECT result FROM gates WHERE bead = ?1
       AND run = (SELECT MAX(run) FROM gates WHERE bead = ?1) ORDER BY n`,
      bead,
    )
    .map((row) => parse(GateResult, JSON.parse(row.result)));
