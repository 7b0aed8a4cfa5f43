import { backoffMs, OFTEN, SELDOM, type Backoff } from "../lifecycle/backoff.ts";
import type { AgentName, RunId } from "../protocol/primitives.ts";
import { first, type Sql } from "../sql.ts";
import type { AgentWord } from "./ports.ts";
import { runId, type RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/**
 * What the town owes to a peer: written in the transaction that caused it, carried out right after,
 * and tried again by the alarm until it is done. A peer that is gone is owed nothing.
 */
export type Errand =
  | { readonly kind: "tell-agent"; readonly agent: AgentName; readonly word: AgentWord }
  | { readonly kind: "tell-owner" }
  | { readonly kind: "cancel-run"; readonly life: number; readonly run: RunId; readonly fence: number }
  /** Ends a retired agent's room for good. */
  | { readonly kind: "end-room"; readonly agent: AgentName; readonly cause: string };

interface ErrandRow {
  id: string;
  kind: string;
  payload: string;
  attempts: number;
  due_at: number;
}

/**
 * Waits after failures. A peer that is never reached wakes an idle town once a day in the end, and one that comes back
 * is told after no longer than it was away. What the container must be told matters only while it is warm.
 */
const BACKOFF: Readonly<Record<ErrandLane, Backoff>> = {
  container: OFTEN,
  peers: SELDOM,
};
/** A try that neither ends nor fails is repeated after this long. */
const TRY_MS = 30_000;

const idOf = (errand: Errand): string => {
  switch (errand.kind) {
    case "tell-agent":
      return `tell-agent:${errand.agent}:${errand.word.fence}:${errand.word.kind}`;
    case "tell-owner":
      return "tell-owner";
    case "cancel-run":
      return `cancel-run:${errand.run}`;
    case "end-room":
      return `end-room:${errand.agent}`;
  }
};

/** Owes an errand, due at once. The same errand again is the same. */
export const owe = (tx: Tx, errand: Errand): void => {
  tx.sql.run(
    `INSERT INTO errands (id, kind, payload, due_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, due_at = excluded.due_at, attempts = 0`,
    idOf(errand),
    errand.kind,
    JSON.stringify(errand),
    tx.now,
  );
};

type EndWord = Extract<AgentWord, { kind: "end" }>;

/** Owes the agent of a run the word that the run has ended, and what became of its message. Without agent: nothing. */
export const oweEnd = (tx: Tx, run: RunRow, { state, notice }: Pick<EndWord, "state" | "notice">): void => {
  if (run.agent === null) return;
  const { agent, number: fence, message } = run;
  owe(tx, {
    kind: "tell-agent",
    agent,
    word: { kind: "end", run: runId(fence), fence, message, state, notice },
  });
};

export interface DueErrand {
  readonly id: string;
  readonly attempts: number;
  readonly errand: Errand;
}

/** What touches the container goes one after the other with everything else that does. */
export type ErrandLane = "container" | "peers";

const laneOf = ({ kind }: Errand): ErrandLane => (kind === "cancel-run" ? "container" : "peers");

const DUE: Readonly<Record<ErrandLane, string>> = {
  container: "SELECT * FROM errands WHERE due_at <= ? AND kind = 'cancel-run' ORDER BY due_at LIMIT 1",
  peers: "SELECT * FROM errands WHERE due_at <= ? AND kind <> 'cancel-run' ORDER BY due_at LIMIT 1",
};

export const isErrandDue = (sql: Sql, lane: ErrandLane, now: number): boolean =>
  first(sql, DUE[lane], now) !== null;

/** Takes the next due errand and moves it on, so that a crash in the middle leads to another try. */
export const takeErrand = (tx: Tx, lane: ErrandLane): DueErrand | null => {
  const row = first<ErrandRow>(tx.sql, DUE[lane], tx.now);
  if (row === null) return null;
  tx.sql.run("UPDATE errands SET attempts = attempts + 1, due_at = ? WHERE id = ?", tx.now + TRY_MS, row.id);
  return { id: row.id, attempts: row.attempts + 1, errand: JSON.parse(row.payload) as Errand };
};

/**
 * Done, unless it was owed anew meanwhile (then its count of attempts started over). An agent's room that takes one
 * word can take those, too, that it missed while it was away.
 */
export const errandDone = (tx: Tx, { id, attempts, errand }: DueErrand): void => {
  tx.sql.run("DELETE FROM errands WHERE id = ? AND attempts = ?", id, attempts);
  if (errand.kind === "tell-agent")
    tx.sql.run(
      "UPDATE errands SET due_at = ? WHERE id > ? AND id < ? AND due_at > ?",
      tx.now,
      `tell-agent:${errand.agent}:`,
      `tell-agent:${errand.agent};`,
      tx.now,
    );
};

export const errandFailed = (tx: Tx, due: DueErrand): void =>
  tx.sql.run(
    "UPDATE errands SET due_at = ? WHERE id = ? AND attempts = ?",
    tx.now + backoffMs(due.attempts - 1, BACKOFF[laneOf(due.errand)]),
    due.id,
    due.attempts,
  );
