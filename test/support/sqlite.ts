import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Kv, Sql } from "../../src/sql.ts";

/** A room's storage on real SQLite, for domains that are tested outside workerd. */
export interface RoomStorage {
  readonly sql: Sql;
  readonly kv: Kv;
  transaction<T>(work: () => T): T;
  /** Statements run so far, each with its text. */
  readonly statements: string[];
  /** The plan of a statement, one line a step. */
  plan(statement: string): string[];
}

/** What the SQLite of a Durable Object refuses, this one refuses, too. The types of Node don't know `limits` yet. */
const AS_IN_A_ROOM = {
  open: true,
  limits: { compoundSelect: 5, variableNumber: 100, column: 100, exprDepth: 100, likePatternLength: 50 },
};

export const openStorage = (): RoomStorage => {
  const db = new DatabaseSync(":memory:", AS_IN_A_ROOM);
  let records = new Map<string, unknown>();
  const statements: string[] = [];
  const prepared = new Map<string, StatementSync>();
  const run = (statement: string): StatementSync => {
    statements.push(statement);
    const ready = prepared.get(statement) ?? db.prepare(statement);
    prepared.set(statement, ready);
    return ready;
  };
  const sql: Sql = {
    all: <Row extends object>(statement: string, ...binds: readonly (string | number | null)[]) =>
      run(statement).all(...binds) as Row[],
    run: (statement, ...binds) => void run(statement).run(...binds),
  };
  return {
    sql,
    kv: {
      get: <T>(key: string) => structuredClone(records.get(key)) as T | undefined,
      put: (key, value) => {
        records.set(key, structuredClone(value));
      },
    },
    transaction: (work) => {
      const before = new Map(records);
      db.exec("SAVEPOINT room");
      try {
        const result = work();
        db.exec("RELEASE room");
        return result;
      } catch (error) {
        db.exec("ROLLBACK TO room; RELEASE room");
        records = before;
        throw error;
      }
    },
    statements,
    plan: (statement) =>
      (db.prepare(`EXPLAIN QUERY PLAN ${statement}`).all() as { detail: string }[]).map((row) => row.detail),
  };
};
