import type { RigOrder } from "../../protocol/container/order.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import type { Credential, Rig, RigState } from "../../protocol/rig.ts";
import { readPage } from "../../paging.ts";
import type { Sql } from "../../sql.ts";
import type { RigRow } from "./rows.ts";

export const gatesOf = (rig: RigRow): string[] => JSON.parse(rig.gates) as string[];

export const rigOf = (row: RigRow): Rig => ({
  name: row.name,
  gitUrl: row.git_url,
  branch: row.branch,
  gates: gatesOf(row),
  hasCredential: row.credential !== null,
  state: row.state,
  reason: row.reason,
  head: row.head,
  createdAt: row.created_at,
  seq: row.seq,
});

/** The rig as the container's git work needs it, credential included. */
export const rigOrder = (rig: RigRow): RigOrder => ({
  name: rig.name,
  gitUrl: rig.git_url,
  branch: rig.branch,
  ...(rig.branch !== null && rig.branch_asked === 0 && { branchIsDefault: true }),
  credential: rig.credential === null ? null : (JSON.parse(rig.credential) as Credential),
});

/** A row, and in which place it was added. */
interface PlacedRigRow extends RigRow {
  place: number;
}

const LISTING = { name: "rigs", place: ["place"], itemOf: rigOf } as const;

/** Rigs, but those that were removed. */
export const listRigs = (sql: Sql, query: PageQuery<RigState>): Page<Rig> =>
  query.status === null
    ? readPage<PlacedRigRow, Rig>(
        sql,
        {
          ...LISTING,
          statement: `SELECT *, rowid AS place FROM rigs
            WHERE state <> 'removed' AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
        },
        query,
      )
    : readPage<PlacedRigRow, Rig>(
        sql,
        {
          ...LISTING,
          statement: `SELECT *, rowid AS place FROM rigs
            WHERE state = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
          binds: [query.status],
        },
        query,
      );

/** Up to so many rigs that changed after a stamp. */
export const rigsSince = (sql: Sql, seq: number, limit: number): Rig[] =>
  sql.all<RigRow>("SELECT * FROM rigs WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit).map(rigOf);
