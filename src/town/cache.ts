import type { Sql } from "../sql.ts";
import type { ContainerRecord } from "./container/record.ts";
import { jobsOf, PARTS, type Facts } from "./features.ts";
import type { TownRecord } from "./record.ts";

type PartName = keyof typeof PARTS;
type Known = { -readonly [Name in PartName]: ReturnType<(typeof PARTS)[Name]["read"]> };

const NAMES = Object.keys(PARTS) as PartName[];

const WRITTEN = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+(\w+)/i;

const tableWrittenBy = (statement: string): string => {
  const [, table] = WRITTEN.exec(statement) ?? [];
  if (table === undefined) throw new Error(`it is unclear which table this writes: ${statement}`);
  return table;
};

/**
 * A cache of what an instance has read from its tables. The instance is the only one that writes them, and does so
 * through {@link sql}: with each statement the parts that are read from that table are dropped. A new instance reads all.
 */
export class FactCache {
  /** For all that a living town writes. `all` only reads. */
  readonly sql: Sql;
  #known: Partial<Known> = {};

  constructor(sql: Sql) {
    this.sql = {
      all: (statement, ...binds) => {
        if (!/^\s*SELECT\s/i.test(statement)) throw new Error(`this is no question: ${statement}`);
        return sql.all(statement, ...binds);
      },
      run: (statement, ...binds) => {
        const table = tableWrittenBy(statement);
        sql.run(statement, ...binds);
        for (const name of NAMES) if (PARTS[name].tables.includes(table)) delete this.#known[name];
      },
    };
  }

  /** A transaction came to nothing: what was read in it was never so. */
  clear(): void {
    this.#known = {};
  }

  #get<Name extends PartName>(name: Name): Known[Name] {
    const known = this.#known[name];
    if (known !== undefined) return known;
    const read = PARTS[name].read(this.sql) as Known[Name];
    this.#known[name] = read;
    return read;
  }

  facts(town: TownRecord, container: ContainerRecord): Facts {
    return {
      container,
      polecatCap: town.polecatCap,
      runs: this.#get("runs"),
      jobs: jobsOf({
        messages: this.#get("messages"),
        checks: this.#get("checks"),
        merges: this.#get("merges"),
        work: this.#get("work"),
      }),
      outboxDueAt: this.#get("outboxDueAt"),
    };
  }

  /** Whether anything runs. */
  get isActive(): boolean {
    return this.#get("runs").length > 0;
  }

  /** What the owner's list shows. */
  get standing(): { readonly working: number; readonly needsYou: boolean } {
    return { working: this.#get("working"), needsYou: this.#get("needsYou") };
  }
}
