import { Diff, type Bead, type BeadStatus, type BeadSummary } from "../../protocol/bead.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import { parse } from "../../protocol/parse.ts";
import { readPage } from "../../paging.ts";
import { first, type Sql } from "../../sql.ts";
import { beadId } from "../ids.ts";
import { usageOf } from "../money/usage.ts";
import type { BeadRow, DiffRow } from "./rows.ts";

/** What lists and frames hold of a reason, in UTF-16 units: the bead itself has it whole. */
const REASON_SHOWN = 200;

/** The columns of a bead that lists and frames are made from. */
type ListedBeadRow = Omit<BeadRow, "body" | "key" | "losses" | "feedback" | "intent_commit" | "intent_onto">;
const LISTED = `number, rig, title, status, assignee, branch, commit_id, base, merge_commit, attempts,
  reason, retry_at, held, calls, input_tokens, output_tokens, created_at, updated_at, seq`;

const summaryOf = (row: ListedBeadRow): BeadSummary => ({
  id: beadId(row.number),
  rig: row.rig,
  title: row.title,
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

export const beadOf = (row: BeadRow): Bead => ({ ...summaryOf(row), body: row.body });

/** A bead in a list or a frame. */
export const listedBeadOf = (row: ListedBeadRow): BeadSummary => {
  const bead = summaryOf(row);
  return bead.reason !== null && bead.reason.length > REASON_SHOWN
    ? { ...bead, reason: `${bead.reason.slice(0, REASON_SHOWN)}…` }
    : bead;
};

const LISTING = { name: "beads", place: ["number"], itemOf: listedBeadOf } as const;

export const listBeads = (sql: Sql, query: PageQuery<BeadStatus>): Page<BeadSummary> =>
  query.status === null
    ? readPage<ListedBeadRow, BeadSummary>(
        sql,
        {
          ...LISTING,
          statement: `SELECT ${LISTED} FROM beads WHERE number < ? ORDER BY number DESC LIMIT ?`,
        },
        query,
      )
    : readPage<ListedBeadRow, BeadSummary>(
        sql,
        {
          ...LISTING,
          statement: `SELECT ${LISTED} FROM beads WHERE status = ? AND number < ? ORDER BY number DESC LIMIT ?`,
          binds: [query.status],
        },
        query,
      );

/** How many beads of each status a first frame holds: all that can be at work at once, and the newest of the others. */
const SHOWN: Readonly<Record<BeadStatus, number>> = {
  failed: 8,
  in_progress: 20,
  in_review: 8,
  open: 10,
  closed: 6,
  cancelled: 3,
};
const HELD_SHOWN = 5;

/** What a first frame holds of the beads, oldest first: what waits for a person or is at work, and a page of the rest. */
export const shownBeads = (sql: Sql): BeadSummary[] => {
  // A statement each: workerd's SQLite takes no union of so many.
  const newest = Object.entries(SHOWN).flatMap(([status, many]) =>
    sql.all<ListedBeadRow>(
      `SELECT ${LISTED} FROM beads WHERE status = ? ORDER BY number DESC LIMIT ?`,
      status,
      many,
    ),
  );
  const held = sql.all<ListedBeadRow>(
    `SELECT ${LISTED} FROM beads WHERE held = 1 ORDER BY number DESC LIMIT ?`,
    HELD_SHOWN,
  );
  const rows = new Map([...newest, ...held].map((row) => [row.number, row]));
  return [...rows.values()].toSorted((a, b) => a.number - b.number).map(listedBeadOf);
};

/** Up to so many beads that changed after a stamp. */
export const beadsSince = (sql: Sql, seq: number, limit: number): BeadSummary[] =>
  sql
    .all<ListedBeadRow>(`SELECT ${LISTED} FROM beads WHERE seq > ? ORDER BY seq LIMIT ?`, seq, limit)
    .map(listedBeadOf);

/** What a bead's commit changes, once there is one. */
export const diffOf = (sql: Sql, bead: number): Diff | null => {
  const row = first<Pick<DiffRow, "diff">>(sql, "SELECT diff FROM diffs WHERE bead = ?", bead);
  return row === null ? null : parse(Diff, JSON.parse(row.diff));
};
