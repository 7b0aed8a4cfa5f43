import { fullerReceipt } from "../lifecycle/receipt.ts";
import type { Receipt } from "../protocol/receipt.ts";
import type { TownId, UserId } from "../protocol/primitives.ts";

export type LedgerState = "founding" | "open" | "closing" | "gone";

export interface LedgerRow {
  readonly id: TownId;
  readonly owner: UserId;
  readonly name: string;
  readonly state: LedgerState;
  readonly changedAt: number;
}

/** The list of all towns that were ever founded; written before a town is. Every call may reject. */
export interface Ledger {
  /**
   * Writes a town's state. A state that is further along (`gone` is the furthest) is never undone, and a
   * receipt is never replaced by one that tells less.
   */
  put(row: LedgerRow, receipt?: Receipt): Promise<void>;
  get(id: TownId): Promise<LedgerRow | null>;
  /**
   * Up to `limit` towns that are in `states` since before `changedBefore` and were not looked at since: what
   * was never looked at first, so that none that stays a suspect starves another.
   */
  suspects(
    states: readonly LedgerState[],
    changedBefore: number,
    limit: number,
  ): Promise<readonly LedgerRow[]>;
  /** Open towns that were not looked at since `checkedBefore`. */
  unchecked(checkedBefore: number, limit: number): Promise<readonly LedgerRow[]>;
  /**
   * Towns that are gone since before `goneBefore` and whose tombstones are still there, though nobody tried to
   * remove them since `checkedBefore`.
   */
  tombstones(
    goneBefore: number,
    checkedBefore: number,
    limit: number,
  ): Promise<readonly (LedgerRow & { agents: number })[]>;
  /** A town's tombstones were removed. */
  forgotten(id: TownId, at: number): Promise<void>;
  /** Forgets what the towns were called: their owner is gone, and nobody is left whom a name would tell anything. */
  unname(ids: readonly TownId[]): Promise<void>;
  /** Moves a suspect out of the set: it was looked at. */
  checked(id: TownId, at: number): Promise<void>;
}

interface Row {
  id: string;
  owner: string;
  name: string;
  state: LedgerState;
  changed_at: number;
}

const rowOf = (row: Row): LedgerRow => ({
  id: row.id,
  owner: row.owner,
  name: row.name,
  state: row.state,
  changedAt: row.changed_at,
});

const COLUMNS = "id, owner, name, state, changed_at";
const RANK = `CASE %s WHEN 'founding' THEN 0 WHEN 'open' THEN 1 WHEN 'closing' THEN 2 ELSE 3 END`;
const rank = (column: string): string => RANK.replace("%s", column);

/** Ids that are read, or written, at once. */
const PAGE = 1000;

/** The id of every town that was ever founded, by D1, a page at a time. */
export const townIds = async function* (db: D1Database): AsyncGenerator<TownId> {
  for (let after = ""; ;) {
    const { results } = await db
      .prepare("SELECT id FROM towns WHERE id > ? ORDER BY id LIMIT ?")
      .bind(after, PAGE)
      .all<{ id: string }>();
    for (const { id } of results) yield id;
    const last = results.at(-1);
    if (last === undefined || results.length < PAGE) return;
    after = last.id;
  }
};

const knownReceipt = async (db: D1Database, id: TownId): Promise<Receipt | null> => {
  const known = await db
    .prepare("SELECT receipt FROM towns WHERE id = ?")
    .bind(id)
    .first<{ receipt: string | null }>();
  return known?.receipt ? (JSON.parse(known.receipt) as Receipt) : null;
};

/** The ledger in D1; `migrations/` has its table. */
export const d1Ledger = (db: D1Database): Ledger => ({
  async put(row, told) {
    const receipt =
      told?.finalizers.length === 0 ? fullerReceipt(await knownReceipt(db, row.id), told) : told;
    await db
      .prepare(
        `INSERT INTO towns (id, owner, name, state, changed_at, receipt) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state,
           changed_at = excluded.changed_at, receipt = COALESCE(excluded.receipt, receipt)
         WHERE ${rank("excluded.state")} > ${rank("towns.state")}
           OR (excluded.state = state AND receipt IS NULL AND excluded.receipt IS NOT NULL)`,
      )
      .bind(
        row.id,
        row.owner,
        row.name,
        row.state,
        row.changedAt,
        receipt === undefined ? null : JSON.stringify(receipt),
      )
      .run();
  },
  async get(id) {
    const row = await db.prepare(`SELECT ${COLUMNS} FROM towns WHERE id = ?`).bind(id).first<Row>();
    return row === null ? null : rowOf(row);
  },
  async suspects(states, changedBefore, limit) {
    const marks = states.map(() => "?").join(", ");
    const { results } = await db
      .prepare(
        `SELECT ${COLUMNS} FROM towns WHERE state IN (${marks}) AND changed_at < ?
         AND checked_at < ? ORDER BY checked_at, changed_at LIMIT ?`,
      )
      .bind(...states, changedBefore, changedBefore, limit)
      .all<Row>();
    return results.map(rowOf);
  },
  async unchecked(checkedBefore, limit) {
    const { results } = await db
      .prepare(
        `SELECT ${COLUMNS} FROM towns WHERE state = 'open' AND checked_at < ? ORDER BY checked_at LIMIT ?`,
      )
      .bind(checkedBefore, limit)
      .all<Row>();
    return results.map(rowOf);
  },
  async tombstones(goneBefore, checkedBefore, limit) {
    const { results } = await db
      .prepare(
        `SELECT ${COLUMNS}, COALESCE(json_extract(receipt, '$.agents'), 0) AS agents FROM towns
         WHERE state = 'gone' AND changed_at < ? AND forgotten_at IS NULL AND checked_at < ?
         ORDER BY changed_at LIMIT ?`,
      )
      .bind(goneBefore, checkedBefore, limit)
      .all<Row & { agents: number }>();
    return results.map((row) => ({ ...rowOf(row), agents: row.agents }));
  },
  async forgotten(id, at) {
    await db.prepare("UPDATE towns SET forgotten_at = ? WHERE id = ?").bind(at, id).run();
  },
  async unname(ids) {
    for (let n = 0; n < ids.length; n += PAGE)
      await db
        .prepare("UPDATE towns SET name = '' WHERE id IN (SELECT value FROM json_each(?)) AND name <> ''")
        .bind(JSON.stringify(ids.slice(n, n + PAGE)))
        .run();
  },
  async checked(id, at) {
    await db.prepare("UPDATE towns SET checked_at = ? WHERE id = ?").bind(at, id).run();
  },
});
