import type { Config } from "../config.ts";
import { backoffMs } from "../lifecycle/backoff.ts";
import { first, type Kv, type Sql, type SqlValue } from "../sql.ts";
import type { TownPorts } from "./ports.ts";
import { ASLEEP, type ContainerRecord } from "./container/record.ts";
import type { TownRecord } from "./record.ts";
import { columnsOf, type NewRow, type Patch, type Table } from "./table.ts";

/** What pages must be told after a transaction. */
export interface Changes {
  /** By table, the keys of the rows that were changed. */
  readonly rows: Map<string, Set<SqlValue>>;
  /** Whether something of the town itself changed: its records, or what is counted in its view. */
  town: boolean;
}

/** What a transaction knows of the town beyond its storage: none of it changes while an instance lives. */
export type TxWorld = Pick<TownPorts, "kv" | "config" | "charter" | "newId" | "localPaths" | "defaultModel">;

/** The longest wait before something is tried again by itself. */
const RETRY_MAX_MS = 300_000;

/**
 * One transaction's view of the town: records that are read once and written once, and rows whose changes
 * are stamped and remembered for the pages. Everything in it is synchronous.
 */
export class Tx {
  readonly sql: Sql;
  readonly now: number;
  readonly world: TxWorld;
  readonly town: TownRecord;
  readonly changes: Changes = { rows: new Map(), town: false };
  readonly #townBefore: string;
  readonly #containerBefore: ContainerRecord;
  container: ContainerRecord;

  constructor(sql: Sql, world: TxWorld, now: number) {
    this.sql = sql;
    this.world = world;
    this.now = now;
    this.town = readTown(world.kv);
    this.#townBefore = JSON.stringify(this.town);
    this.#containerBefore = readContainer(world.kv);
    this.container = this.#containerBefore;
  }

  get config(): Config {
    return this.world.config;
  }

  /** When something that has failed `failures` times before is tried again. */
  retryAt(failures: number): number {
    const { retryBaseMs } = this.config;
    return this.now + backoffMs(failures, { baseMs: retryBaseMs, maxMs: RETRY_MAX_MS });
  }

  /** The next value of the change counter. */
  stamp(): number {
    this.town.seq += 1;
    return this.town.seq;
  }

  /** Writes the records that changed; the last thing in a transaction. */
  flush(): void {
    if (this.container !== this.#containerBefore) {
      this.changes.town = true;
      this.stamp();
      this.world.kv.put("container", this.container);
    }
    if (JSON.stringify(this.town) !== this.#townBefore) {
      this.changes.town = true;
      this.world.kv.put("town", this.town);
    }
  }

  setContainer(patch: Partial<ContainerRecord>): void {
    this.container = { ...this.container, ...patch };
  }

  get<Row extends object, Key extends string & keyof Row, Defaults extends keyof Row>(
    { name, key }: Table<Row, Key, Defaults>,
    id: Row[Key] & SqlValue,
  ): Row | null {
    return first<Row>(this.sql, `SELECT * FROM ${name} WHERE ${key} = ?`, id);
  }

  /** Adds a row. `onConflict` says what happens to one that is there already; by itself that is an error. */
  add<Row extends object, Key extends string & keyof Row, Defaults extends keyof Row>(
    table: Table<Row, Key, Defaults>,
    row: NewRow<Row, Defaults>,
    onConflict?: "ignore" | "replace",
  ): void {
    const stamped: Record<string, unknown> =
      table.seen === "rows" ? { ...row, seq: this.stamp() } : { ...row };
    const [names, values] = columnsOf(stamped);
    const verb = onConflict === undefined ? "INSERT" : `INSERT OR ${onConflict.toUpperCase()}`;
    const marks = names.map(() => "?").join(", ");
    this.sql.run(`${verb} INTO ${table.name} (${names.join(", ")}) VALUES (${marks})`, ...values);
    this.#changed(table, stamped[table.key] as SqlValue);
  }

  set<Row extends object, Key extends string & keyof Row, Defaults extends keyof Row>(
    table: Table<Row, Key, Defaults>,
    id: Row[Key] & SqlValue,
    patch: Patch<Row>,
  ): void {
    const [names, values] = columnsOf(table.seen === "rows" ? { ...patch, seq: this.stamp() } : patch);
    const assignments = names.map((name) => `${name} = ?`).join(", ");
    this.sql.run(`UPDATE ${table.name} SET ${assignments} WHERE ${table.key} = ?`, ...values, id);
    this.#changed(table, id);
  }

  #changed({ name, seen }: Pick<Table<object, never, never>, "name" | "seen">, id: SqlValue): void {
    if (seen === "town") this.changes.town = true;
    if (seen !== "rows") return;
    const keys = this.changes.rows.get(name);
    if (keys === undefined) this.changes.rows.set(name, new Set([id]));
    else keys.add(id);
  }
}

/** @throws Error in a room that was never founded as a town */
export const readTown = (kv: Kv): TownRecord => {
  const town = kv.get<TownRecord>("town");
  if (town === undefined) throw new Error("the town's record is missing");
  return structuredClone(town);
};

/** What an older version didn't write down yet is as in a town whose container never ran. */
export const readContainer = (kv: Kv): ContainerRecord => ({
  ...ASLEEP,
  ...kv.get<Partial<ContainerRecord>>("container"),
});
