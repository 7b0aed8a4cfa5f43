import { runInDurableObject } from "cloudflare:test";

/** All that a room has stored: its records, its rows by table, its alarm. Two equal dumps: nothing was written. */
export const stored = <Room extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<Room>,
): Promise<{ keys: unknown; tables: Record<string, unknown[]>; alarm: number | null }> =>
  runInDurableObject(stub, async (_room, { storage }) => {
    const names = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .toArray()
      .filter(({ name }) => !/^(_cf_|sqlite_|__miniflare_)/.test(name));
    return {
      keys: [...storage.kv.list()],
      tables: Object.fromEntries(
        names.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]),
      ),
      alarm: await storage.getAlarm(),
    };
  });

/** One statement on a room's storage, looked at from outside. */
export const rows = <Room extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<Room>,
  statement: string,
): Promise<Record<string, SqlStorageValue>[]> =>
  runInDurableObject(stub, (_room, { storage }) => storage.sql.exec(statement).toArray());
