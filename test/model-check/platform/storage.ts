import { Database, giveBack, takeBlank, type Row } from "./database.ts";

/** All that an object has stored, at one moment. `marks` leads its database back to that moment. */
export interface Stored {
  readonly kv: ReadonlyMap<string, unknown>;
  readonly alarm: number | null;
  readonly database: Database | null;
  readonly marks: number;
}

const NOTHING: Stored = { kv: new Map(), alarm: null, database: null, marks: 0 };

/**
 * The storage of one object, as SQLite-backed Durable Objects have it: what is written between two
 * awaits is one write; it is durable some time later, and in order. A crash loses a tail of it. The
 * alarm is part of it.
 */
export class Storage {
  /** A write has begun since the last {@link seal}. */
  readonly onWrite: () => void;
  #kv: Map<string, unknown>;
  #kvIsShared = true;
  #alarm: number | null;
  #database: Database | null;
  #isDirty = false;
  #isMarked = false;
  readonly #base: Stored;
  /** What was written, one version for each stretch between two awaits. */
  #versions: Stored[];
  /** Index of the last version that no crash can lose. */
  #durable = 0;
  readonly #taken: Database[] = [];

  constructor(base: Stored | null, onWrite: () => void) {
    this.#base = base ?? NOTHING;
    this.#kv = this.#base.kv as Map<string, unknown>;
    this.#alarm = this.#base.alarm;
    this.#database = this.#base.database;
    this.#versions = [this.#base];
    this.onWrite = onWrite;
  }

  // ---- what an instance sees

  get kv(): ReadonlyMap<string, unknown> {
    return this.#kv;
  }

  get alarm(): number | null {
    return this.#alarm;
  }

  put(key: string, value: unknown): void {
    this.#ownKv().set(key, frozen(value));
  }

  delete(key: string): boolean {
    return this.#ownKv().delete(key);
  }

  setAlarm(at: number | null): void {
    this.#write();
    this.#alarm = at;
  }

  exec(statement: string, ...binds: readonly (string | number | null)[]): Row[] {
    if (Database.isRead(statement)) return this.#database?.exec(statement, ...binds) ?? ofNothing(statement);
    return this.#markedDatabase().exec(statement, ...binds);
  }

  transaction<T>(work: () => T): T {
    const before = { kv: new Map(this.#kv), alarm: this.#alarm, database: this.#database };
    try {
      return this.#database === null ? work() : this.#markedDatabase().transaction(work);
    } catch (error) {
      this.#kv = before.kv;
      this.#kvIsShared = false;
      this.#alarm = before.alarm;
      if (before.database === null) this.#isMarked = false;
      this.#database = before.database;
      throw error;
    }
  }

  /** Everything goes, the alarm only where `alarmToo`: before 2026-02-24 the platform left it. */
  deleteAll(alarmToo: boolean): void {
    this.#write();
    this.#kv = new Map();
    this.#kvIsShared = false;
    this.#database = null;
    this.#isMarked = false;
    if (alarmToo) this.#alarm = null;
  }

  get hasTables(): boolean {
    return this.#database !== null && this.tables.length > 0;
  }

  get tables(): string[] {
    if (this.#database === null) return [];
    return this.#database
      .exec("SELECT name FROM sqlite_master WHERE type = 'table'")
      .map((row) => String(row["name"]));
  }

  get bytes(): number {
    return this.#database === null ? 4096 : 131_072;
  }

  // ---- what the platform does with it

  /** The stretch between two awaits is over. */
  seal(): void {
    if (!this.#isDirty) return;
    this.#versions.push(this.now());
    this.#isDirty = false;
    this.#isMarked = false;
    this.#kvIsShared = true;
  }

  /** The version that all writes so far, this stretch's too, belong to. */
  get version(): number {
    return this.#versions.length - (this.#isDirty ? 0 : 1);
  }

  /** Nothing of it may be seen outside before it is durable: the output gate. */
  flush(version: number): void {
    this.#durable = Math.max(this.#durable, Math.min(version, this.#versions.length - 1));
  }

  get durable(): Stored {
    return this.#versions[this.#durable] ?? this.#base;
  }

  /** How many versions a crash could lose. */
  get unflushed(): number {
    return this.#versions.length - 1 - this.#durable;
  }

  /** A crash: the last `lost` versions are gone. Returns the version that is left. */
  lose(lost: number): number {
    this.seal();
    const left = this.#versions.length - 1 - Math.min(lost, this.unflushed);
    this.#restore(this.#versions[left] ?? this.#base);
    this.#versions.length = left + 1;
    this.#durable = left;
    return left;
  }

  #restore(stored: Stored): void {
    stored.database?.back(stored.marks);
    this.#kv = stored.kv as Map<string, unknown>;
    this.#kvIsShared = true;
    this.#alarm = stored.alarm;
    this.#database = stored.database;
  }

  /** The present state, to go back to. */
  now(): Stored {
    this.#kvIsShared = true;
    return {
      kv: this.#kv,
      alarm: this.#alarm,
      database: this.#database,
      marks: this.#database?.marks ?? 0,
    };
  }

  /** The world is over: its databases serve the next one. */
  close(): void {
    this.#restore(this.#base);
    for (const database of this.#taken) giveBack(database);
  }

  #write(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.onWrite();
  }

  #ownKv(): Map<string, unknown> {
    this.#write();
    if (this.#kvIsShared) this.#kv = new Map(this.#kv);
    this.#kvIsShared = false;
    return this.#kv;
  }

  #markedDatabase(): Database {
    this.#write();
    if (this.#database === null) {
      this.#database = takeBlank();
      this.#taken.push(this.#database);
    }
    if (!this.#isMarked) this.#database.mark();
    this.#isMarked = true;
    return this.#database;
  }
}

/** What a database that doesn't exist yet answers. */
const ofNothing = (statement: string): Row[] => {
  if (statement.includes("sqlite_master")) return [];
  throw new Error(`no such table: ${statement}`);
};

/** Stored values are copies: whoever changes what was stored or read hears of it at once. */
const frozen = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};
