import { backoffMs, OFTEN, SELDOM, type Backoff } from "../../lifecycle/backoff.ts";
import { first, type Sql } from "../../sql.ts";
import type { Tx } from "../tx.ts";
import type { OutboxKind } from "./kind.ts";
import { OUTBOX, type Lane, type OutboxRow } from "./rows.ts";

/**
 * What the town owes to a peer: written in the transaction that caused it, delivered right after, and
 * tried again by the alarm until it is done. A peer that is gone is owed nothing.
 */

/**
 * Waits after failures. A peer that is never reached wakes an idle town once a day in the end, and one that comes back
 * is told after no longer than it was away. What the container must be told matters only while it is warm.
 */
const BACKOFF: Readonly<Record<Lane, Backoff>> = {
  container: OFTEN,
  peers: SELDOM,
};
/** A try that neither ends nor fails is repeated after this long. */
const TRY_MS = 30_000;

/** Owes something, due at once. The same again is the same, and begins anew. */
export const owe = <Payload>(tx: Tx, kind: OutboxKind<Payload>, payload: Payload): void =>
  tx.add(
    OUTBOX,
    {
      id: kind.idOf(payload),
      kind: kind.kind,
      lane: kind.lane,
      payload: JSON.stringify(payload),
      attempts: 0,
      due_at: tx.now,
    },
    "replace",
  );

const DUE = "SELECT * FROM outbox WHERE lane = ? AND due_at <= ? ORDER BY due_at LIMIT 1";

export const isAnythingDue = (sql: Sql, lane: Lane, now: number): boolean =>
  first(sql, DUE, lane, now) !== null;

/** Takes what is due next and moves it on, so that a crash in the middle leads to another try. */
export const takeDue = (tx: Tx, lane: Lane): OutboxRow | null => {
  const row = first<OutboxRow>(tx.sql, DUE, lane, tx.now);
  if (row === null) return null;
  const taken = { attempts: row.attempts + 1, due_at: tx.now + TRY_MS };
  tx.set(OUTBOX, row.id, taken);
  return { ...row, ...taken };
};

/** Strikes it off, unless it was owed anew meanwhile: then its count of attempts started over. */
export const strikeOff = (tx: Tx, { id, attempts }: OutboxRow): void =>
  tx.sql.run("DELETE FROM outbox WHERE id = ? AND attempts = ?", id, attempts);

/** It could not be delivered: again after a while, unless it was owed anew meanwhile. */
export const putOff = (tx: Tx, { id, attempts, lane }: OutboxRow): void => {
  if (tx.get(OUTBOX, id)?.attempts !== attempts) return;
  tx.set(OUTBOX, id, { due_at: tx.now + backoffMs(attempts - 1, BACKOFF[lane]) });
};

/** Makes everything due whose id begins so: who takes one word can take those that it missed, too. */
export const hasten = (tx: Tx, prefix: string): void =>
  tx.sql.run(
    "UPDATE outbox SET due_at = ? WHERE id > ? AND id < ? AND due_at > ?",
    tx.now,
    prefix,
    // The next string after all that begin with the prefix.
    `${prefix.slice(0, -1)}${String.fromCodePoint((prefix.codePointAt(prefix.length - 1) ?? 0) + 1)}`,
    tx.now,
  );
