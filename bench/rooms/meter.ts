import { type Kind, noTally, type Tallies, type Tally } from "../idle/lived.ts";

const noTallies = (): Tallies => ({
  user: noTally(),
  town: noTally(),
  agent: noTally(),
  container: noTally(),
});

type Method = (...args: never[]) => unknown;

/** Everything that the rooms of one isolate do to their storage, and everybody who calls them. */
class Meter {
  tallies = noTallies();
  /** The alarm of each room, by kind and name. */
  readonly alarms = new Map<string, number>();
  /** Rooms that are in memory, by kind and name. */
  readonly present = new Set<string>();
  readonly #silence = new Map<string, () => Promise<void>>();
  /** Handlers and background work that have not ended, by room; what an instance began is lost with it. */
  readonly #underWay = new Map<string, Set<Promise<unknown>>>();
  /** Grows with everything that is counted: two equal looks, and nothing has happened between. */
  activity = 0;
  /** Cursors whose rows are counted when they are asked for: reading goes on after the call. */
  #cursors: { readonly tally: Tally; readonly cursor: SqlStorageCursor<never> }[] = [];

  /** Handlers and background work that have not ended. */
  get inFlight(): number {
    let sum = 0;
    for (const work of this.#underWay.values()) sum += work.size;
    return sum;
  }

  /** The rooms that have something under way. */
  get busy(): string[] {
    return [...this.#underWay.keys()].filter((room) => this.isBusy(room));
  }

  isBusy(room: string): boolean {
    return (this.#underWay.get(room)?.size ?? 0) > 0;
  }

  /** Begins anew. @returns what was counted since the last time */
  take(): Tallies {
    this.#readCursors();
    const taken = this.tallies;
    this.tallies = noTallies();
    return taken;
  }

  #readCursors(): void {
    for (const { tally, cursor } of this.#cursors) {
      tally.rowsRead += cursor.rowsRead;
      tally.rowsWritten += cursor.rowsWritten;
    }
    this.#cursors = [];
  }

  #count(kind: Kind, what: keyof Tally, n = 1): void {
    this.tallies[kind][what] += n;
    this.activity += 1;
  }

  /** Watches over an instance's storage from its construction on. */
  attach(kind: Kind, ctx: DurableObjectState): void {
    const room = `${kind}/${ctx.id.name}`;
    this.#lost(room);
    this.present.add(room);
    this.#count(kind, "instances");
    this.#attachSql(kind, ctx.storage);
    this.#attachRecords(kind, ctx.storage);
    this.#attachAlarm(kind, room, ctx.storage);
    const waitUntil = ctx.waitUntil.bind(ctx);
    ctx.waitUntil = (work) => waitUntil(this.track(room, Promise.resolve(work)));
    const abort = ctx.abort.bind(ctx);
    ctx.abort = (...how) => {
      this.#lost(room);
      abort(...how);
    };
  }

  /** The instance is gone, and what it was doing never ends. */
  #lost(room: string): void {
    this.present.delete(room);
    this.#underWay.delete(room);
  }

  /** Everything is gone: nothing is left to be rung, and nobody is present. */
  forget(): void {
    this.alarms.clear();
    this.present.clear();
    this.#silence.clear();
    this.#underWay.clear();
    this.#cursors = [];
  }

  /** A room's alarm rings, which takes it away at no cost. */
  async rang(room: string): Promise<void> {
    this.alarms.delete(room);
    await this.#silence.get(room)?.();
  }

  #attachSql(kind: Kind, { sql }: DurableObjectStorage): void {
    const exec = sql.exec.bind(sql);
    sql.exec = ((statement: string, ...binds: unknown[]) => {
      this.#count(kind, "statements");
      const cursor = exec<never>(statement, ...binds);
      this.#cursors.push({ tally: this.tallies[kind], cursor });
      return cursor;
    }) as typeof sql.exec;
  }

  #attachRecords(kind: Kind, storage: DurableObjectStorage): void {
    const { kv } = storage;
    const get = kv.get.bind(kv);
    const put = kv.put.bind(kv);
    kv.get = (key: string) => {
      this.#count(kind, "rowsRead");
      return get(key);
    };
    kv.put = (key, value) => {
      this.#count(kind, "rowsWritten");
      put(key, value);
    };
    for (const name of ["get", "put", "delete"] as const) {
      const method = (storage[name] as Method).bind(storage) as (...args: unknown[]) => unknown;
      Object.assign(storage, {
        [name]: (...args: unknown[]) => {
          this.#count(kind, name === "get" ? "rowsRead" : "rowsWritten");
          return method(...args);
        },
      });
    }
  }

  #attachAlarm(kind: Kind, room: string, storage: DurableObjectStorage): void {
    const setAlarm = storage.setAlarm.bind(storage);
    const deleteAlarm = storage.deleteAlarm.bind(storage);
    this.#silence.set(room, () => deleteAlarm());
    storage.setAlarm = (at, options) => {
      this.#count(kind, "rowsWritten");
      this.alarms.set(room, Number(at));
      return setAlarm(at, options);
    };
    storage.deleteAlarm = (options) => {
      this.#count(kind, "rowsWritten");
      this.alarms.delete(room);
      return deleteAlarm(options);
    };
    const deleteAll = storage.deleteAll.bind(storage);
    storage.deleteAll = async (options) => {
      await deleteAll(options);
      this.alarms.delete(room);
    };
  }

  /** Counts calls of these methods, which a subclass overrides so that only callers from outside count. */
  wrap(
    kind: Kind,
    room: { readonly prototype: object },
    counted: Readonly<Record<string, keyof Tally | null>>,
  ): void {
    const parent = Object.getPrototypeOf(room.prototype) as Record<string, Method>;
    for (const [name, what] of Object.entries(counted)) {
      const method = parent[name];
      if (method === undefined) throw new Error(`there is no method ${name}`);
      const called = (instance: object, args: never[]): unknown => {
        if (what !== null) this.#count(kind, what);
        const work = method.apply(instance, args);
        return work instanceof Promise ? this.track(roomOf(kind, instance), work) : work;
      };
      Object.defineProperty(room.prototype, name, {
        configurable: true,
        value(this: object, ...args: never[]): unknown {
          return called(this, args);
        },
      });
    }
  }

  track<T>(room: string, work: Promise<T>): Promise<T> {
    const underWay = this.#underWay.get(room) ?? new Set();
    this.#underWay.set(room, underWay);
    underWay.add(work);
    return work.finally(() => {
      underWay.delete(work);
      this.activity += 1;
    });
  }
}

/** An instance by its kind and name. */
export const roomOf = (kind: Kind, instance: object): string =>
  `${kind}/${(instance as { readonly ctx: DurableObjectState }).ctx.id.name}`;

export const meter = new Meter();
