import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { AGENT_MIGRATIONS } from "../../src/agent/schema.ts";
import { SCHEMA, type Migration, type Migrations, type Schema } from "../../src/storage/migrations.ts";
import { TOWN_MIGRATIONS } from "../../src/town/features.ts";
import { USER_MIGRATIONS } from "../../src/user/schema.ts";
import { Agent, Town, User } from "./worker.ts";

const CLASSES = { User, Town, Agent };
const HISTORIES = { User: USER_MIGRATIONS, Town: TOWN_MIGRATIONS, Agent: AGENT_MIGRATIONS };
type Class = keyof typeof CLASSES;

/** From here on the rooms of a class are those of a build that knows these migrations, too. */
export const knows = (name: Class, ...more: readonly Migration[]): void => {
  const room = CLASSES[name].prototype as unknown as { readonly migrations: Migrations };
  vi.spyOn(room, "migrations", "get").mockReturnValue([...HISTORIES[name], ...more]);
};

/** From here on they are those of a build from before the last ones. */
export const forgets = (name: Class): void => knows(name);

/** The version of a class's rooms, `more` migrations beyond what this build really knows. */
export const version = (name: Class, more = 0): number => HISTORIES[name].length + more;

/** What is stored of a version that has one migration more than this build really knows. */
export const oneMore = (name: Class, { name: last }: Migration): Schema => ({
  version: version(name, 1),
  name: last,
});

/** Empty tables as a town had them before there were migrations, and no word of a version. */
export const asBefore = (stub: DurableObjectStub<Town>): Promise<void> =>
  runInDurableObject(stub, (_room, { storage }) => {
    const tables = storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
    for (const { name } of tables.toArray())
      if (!/^(_cf_|sqlite_|__miniflare_)/.test(name)) storage.sql.exec(`DROP TABLE ${name}`);
    const [{ up }] = TOWN_MIGRATIONS;
    if (typeof up === "function") throw new Error("the first migration is a list of statements");
    for (const statement of up) storage.sql.exec(statement);
    storage.kv.delete(SCHEMA);
  });
