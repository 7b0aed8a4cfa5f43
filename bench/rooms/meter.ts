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
  /** Handlers and background work that have not ended. */
  inFlight = 0;
  /** Grows with everything that is counted: two equal looks, and nothing has happened between. */
  activity = 0;
  /** Cursors whose rows are counted when they are asked for: reading goes on after the call. */
  #cursors: { readonly tally: Tally; readonly cursor: SqlStorageCursor<never> }[] = [];

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
    this.present.add(room);
    this.#count(kind, "instances");
    this.#attachSql(kind, ctx.storage);
    this.#attachRecords(kind, ctx.storage);
    this.#attachAlarm(kind, room, ctx.storage);
    const waitUntil = ctx.waitUntil.bind(ctx);
    ctx.waitUntil = (work) => waitUntil(this.track(Promise.resolve(work)));
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
        return work instanceof Promise ? this.track(work) : work;
      };
      Object.defineProperty(room.prototype, name, {
        value(this: object, ...args: never[]): unknown {
          return called(this, args);
        },
      });
    }
  }

  track<T>(work: Promise<T>): Promise<T> {
    this.inFlight += 1;
    return work.finally(() => {
      this.inFlight -= 1;
      this.activity += 1;
    });
  }
}

export const meter = new Meter();
