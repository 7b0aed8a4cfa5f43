import type { Activity } from "../protocol/activity.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { first, type Kv, type Sql, type SqlValue } from "../sql.ts";
import { activityOf, type AgentRow, type BeadRow, type RigRow, type RunRow } from "./rows.ts";
import { ACTIVITY_KEPT } from "./schema.ts";
import { ASLEEP, type ContainerRecord, type TownRecord } from "./record.ts";

/** What pages must be told after a transaction. */
export interface Changes {
  readonly rigs: Set<string>;
  readonly beads: Set<number>;
  readonly agents: Set<AgentName>;
  readonly activity: Activity[];
  town: boolean;
}

type Columns = Readonly<Record<string, SqlValue>>;

/**
 * One transaction's view of the town: records that are read once and written once, row changes that
 * stamp `seq` and remember what pages must be told. Everything in it is synchronous.
 */
export class Tx {
  readonly sql: Sql;
  readonly now: number;
  readonly town: TownRecord;
  readonly changes: Changes = {
    rigs: new Set(),
    beads: new Set(),
    agents: new Set(),
    activity: [],
    town: false,
  };
  readonly #kv: Kv;
  readonly #townBefore: string;
  readonly #containerBefore: ContainerRecord;
  container: ContainerRecord;

  constructor(sql: Sql, kv: Kv, now: number) {
    this.sql = sql;
    this.#kv = kv;
    this.now = now;
    this.town = readTown(kv);
    this.#townBefore = JSON.stringify(this.town);
    this.#containerBefore = readContainer(kv);
    this.container = this.#containerBefore;
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
      this.#kv.put("container", this.container);
    }
    if (JSON.stringify(this.town) !== this.#townBefore) {
      this.changes.town = true;
      this.#kv.put("town", this.town);
    }
  }

  setContainer(patch: Partial<ContainerRecord>): void {
    this.container = { ...this.container, ...patch };
  }

  rig(name: string): RigRow | null {
    return first<RigRow>(this.sql, "SELECT * FROM rigs WHERE name = ?", name);
  }

  setRig(name: string, columns: Columns): void {
    this.#update("rigs", "name", name, { ...columns, seq: this.stamp() });
    this.changes.rigs.add(name);
  }

  bead(number: number): BeadRow | null {
    return first<BeadRow>(this.sql, "SELECT * FROM beads WHERE number = ?", number);
  }

  setBead(number: number, columns: Columns): void {
    this.#update("beads", "number", number, { ...columns, updated_at: this.now, seq: this.stamp() });
    this.changes.beads.add(number);
  }

  agent(name: string): AgentRow | null {
    return first<AgentRow>(this.sql, "SELECT * FROM agents WHERE name = ?", name);
  }

  setAgent(name: AgentName, columns: Columns): void {
    this.#update("agents", "name", name, { ...columns, seq: this.stamp() });
    this.changes.agents.add(name);
  }

  run(number: number): RunRow | null {
    return first<RunRow>(this.sql, "SELECT * FROM runs WHERE number = ?", number);
  }

  /** The run if it is still open: not ended, so its fence counts. */
  openRun(number: number): RunRow | null {
    const run = this.run(number);
    return run !== null && run.state !== "ended" ? run : null;
  }

  setRun(number: number, columns: Columns): void {
    this.#update("runs", "number", number, columns);
    this.changes.town = true;
  }

  openRuns(): RunRow[] {
    return this.sql.all<RunRow>("SELECT * FROM runs WHERE state <> 'ended' ORDER BY number");
  }

  insert(table: string, columns: Columns): void {
    const names = Object.keys(columns);
    this.sql.run(
      `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      ...Object.values(columns),
    );
  }

  #update(table: string, key: string, id: SqlValue, columns: Columns): void {
    const names = Object.keys(columns);
    this.sql.run(
      `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE ${key} = ?`,
      ...Object.values(columns),
      id,
    );
  }

  /** A line in the diary. */
  note(
    kind: Activity["kind"],
    text: string,
    about: { rig?: string | null; bead?: number | null; agent?: AgentName | null } = {},
  ): void {
    const row = {
      seq: this.stamp(),
      at: this.now,
      kind,
      text,
      rig: about.rig ?? null,
      bead: about.bead ?? null,
      agent: about.agent ?? null,
    };
    this.insert("activity", row);
    this.sql.run(
      `DELETE FROM activity WHERE seq <= (SELECT seq FROM activity ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
      ACTIVITY_KEPT,
    );
    this.changes.activity.push(activityOf(row));
  }

  /** Writes down that the container is about to be touched, and why. */
  touch(reason: string): void {
    this.sql.run(
      `INSERT INTO touches (reason, count, last_at) VALUES (?, 1, ?)
       ON CONFLICT (reason) DO UPDATE SET count = count + 1, last_at = excluded.last_at`,
      reason,
      this.now,
    );
    this.changes.town = true;
  }
}

export const readTown = (kv: Kv): TownRecord => {
  const town = kv.get<TownRecord>("town");
  if (town === undefined) throw new Error("the town's record is missing");
  return structuredClone(town);
};

export const readContainer = (kv: Kv): ContainerRecord => kv.get<ContainerRecord>("container") ?? ASLEEP;
