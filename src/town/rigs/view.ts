import type { RigOrder } from "../../protocol/container/order.ts";
import type { Credential, Rig } from "../../protocol/rig.ts";
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

export const listRigs = (sql: Sql): Rig[] =>
  sql.all<RigRow>("SELECT * FROM rigs WHERE state <> 'removed' ORDER BY name").map(rigOf);

export const rigsSince = (sql: Sql, seq: number): Rig[] =>
  sql.all<RigRow>("SELECT * FROM rigs WHERE seq > ? ORDER BY +name", seq).map(rigOf);
