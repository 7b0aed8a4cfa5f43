import { DatabaseSync, type StatementSync } from "node:sqlite";

export type Row = Record<string, unknown>;
type Bind = string | number | null;

const READS = /^\s*(SELECT|PRAGMA|EXPLAIN)/i;

/**
 * One object's SQLite, real, in memory. It goes back to any mark that was set in it, which is how a
 * crash loses what was not durable, and how one database serves thousands of schedules.
 */
export class Database {
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #marks = 0;

  /** How many marks are set: {@link back} to this number leads to the present state. */
  get marks(): number {
    return this.#marks;
  }

  static isRead(statement: string): boolean {
    return READS.test(statement);
  }

  exec(statement: string, ...binds: readonly Bind[]): Row[] {
    let prepared = this.#statements.get(statement);
    if (prepared === undefined) {
      prepared = this.#db.prepare(statement);
      this.#statements.set(statement, prepared);
    }
    return prepared.all(...binds);
  }

  /** From here on changes can be taken back. */
  mark(): void {
    this.exec(`SAVEPOINT mark${this.#marks}`);
    this.#marks += 1;
  }

  back(marks: number): void {
    if (marks >= this.#marks) return;
    this.exec(`ROLLBACK TO mark${marks}`);
    this.exec(`RELEASE mark${marks}`);
    this.#marks = marks;
  }

  transaction<T>(work: () => T): T {
    this.exec("SAVEPOINT work");
    try {
      const result = work();
      this.exec("RELEASE work");
      return result;
    } catch (error) {
      this.exec("ROLLBACK TO work");
      this.exec("RELEASE work");
      throw error;
    }
  }
}

const blank: Database[] = [];

/** A database without any table. */
export const takeBlank = (): Database => blank.pop() ?? new Database();

/** Gives one back that was taken blank. */
export const giveBack = (database: Database): void => {
  database.back(0);
  blank.push(database);
};
