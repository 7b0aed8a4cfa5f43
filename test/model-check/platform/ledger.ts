import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Scheduler } from "../scheduler.ts";
import type { Caller } from "./caller.ts";
import { Database, type Row } from "./database.ts";
import { exchange, failed } from "./exchange.ts";

const MIGRATION = join(import.meta.dirname, "../../../migrations/0001_towns.sql");

type Bind = string | number | null;

/** D1, as far as the ledger uses it: real SQLite, reached over a wire that may be down. */
export class LedgerStore {
  readonly #database: Database;
  readonly #marks: number;
  isDown = false;
  /** Counts the writes. */
  version = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#marks = database.marks;
    database.mark();
  }

  static empty(): Database {
    const database = new Database();
    for (const statement of statements(readFileSync(MIGRATION, "utf8"))) database.exec(statement);
    return database;
  }

  /** What it holds stays for others to begin with, or goes. */
  close(keep: boolean): Database {
    if (!keep) this.#database.back(this.#marks);
    return this.#database;
  }

  /** Looks without asking over the wire. */
  all(statement: string, ...binds: readonly Bind[]): Row[] {
    return this.#database.exec(statement, ...binds);
  }

  /** The binding as one caller has it. */
  bindingFor(caller: Caller, scheduler: Scheduler) {
    const ask = (statement: string, binds: readonly Bind[]): Promise<Row[]> =>
      exchange(scheduler, {
        from: caller,
        label: `${caller.label} → ledger: ${statement.trim().split(/\s/, 1)[0] ?? ""} ${binds[0] ?? ""}`,
        open: () => true,
        arrive: (answer) => {
          if (this.isDown) {
            answer(failed("the ledger is down"));
            return;
          }
          if (!Database.isRead(statement)) this.version += 1;
          answer({ ok: true, value: this.#database.exec(statement, ...binds) });
        },
      }) as Promise<Row[]>;
    return {
      prepare: (statement: string) => ({
        bind: (...binds: readonly Bind[]) => ({
          run: () => ask(statement, binds),
          first: async () => (await ask(statement, binds))[0] ?? null,
          all: async () => ({ results: await ask(statement, binds) }),
        }),
      }),
    };
  }
}

const statements = (text: string): string[] =>
  text
    .replaceAll(/^\s*--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
