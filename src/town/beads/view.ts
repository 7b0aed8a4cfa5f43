import { Diff, type Bead, type BeadStatus } from "../../protocol/bead.ts";
import { parse } from "../../protocol/parse.ts";
import { first, type Sql } from "../../sql.ts";
import { beadId } from "../ids.ts";
import { usageOf } from "../money/usage.ts";
import type { BeadRow, DiffRow } from "./rows.ts";

/** What lists and frames hold of a bead's body: a town's beads must fit into one frame. */
const BODY_SHOWN = 4000;

export const beadOf = (row: BeadRow): Bead => ({
  id: beadId(row.number),
  rig: row.rig,
  title: row.title,
  body: row.body,
  status: row.status,
  assignee: row.assignee,
  branch: row.branch,
  commit: row.commit_id,
  base: row.base,
  mergeCommit: row.merge_commit,
  attempts: row.attempts,
  reason: row.reason,
  retryAt: row.retry_at,
  held: row.held === 1,
  usage: usageOf(row),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  seq: row.seq,
});

/** A bead in a list or a frame. */
export const listedBeadOf = (row: BeadRow): Bead => {
  const bead = beadOf(row);
  return bead.body.length > BODY_SHOWN ? { ...bead, body: `${bead.body.slice(0, BODY_SHOWN)}…` } : bead;
};

export const listBeads = (sql: Sql): Bead[] =>
  sql.all<BeadRow>("SELECT * FROM beads ORDER BY number").map(listedBeadOf);

export const beadsSince = (sql: Sql, seq: number): Bead[] =>
  sql.all<BeadRow>("SELECT * FROM beads WHERE seq > ? ORDER BY +number", seq).map(listedBeadOf);

export const countBeads = (sql: Sql): Partial<Record<BeadStatus, number>> =>
  Object.fromEntries(
    sql
      .all<{ status: BeadStatus; n: number }>("SELECT status, COUNT(*) AS n FROM beads GROUP BY status")
      .map(({ status, n }) => [status, n]),
  );

/** What a bead's commit changes, once there is one. */
export const diffOf = (sql: Sql, bead: number): Diff | null => {
  const row = first<Pick<DiffRow, "diff">>(sql, "SELECT diff FROM diffs WHERE bead = ?", bead);
  return row === null ? null : parse(Diff, JSON.parse(row.diff));
};
