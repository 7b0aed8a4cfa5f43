import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { AGENT_MIGRATIONS } from "../../src/agent/schema.ts";
import { SCHEMA, type Migration, type Migrations } from "../../src/storage/migrations.ts";
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

/** A room as the builds before there were migrations left it: with no word of its version. */
export const asBefore = <Room extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<Room>,
): Promise<void> => runInDurableObject(stub, (_room, { storage }) => void storage.kv.delete(SCHEMA));
