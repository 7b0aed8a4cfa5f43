import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import { fingerprint } from "../build/fingerprint.ts";
import { onceFor } from "../build/stamp.ts";
import type { Plan } from "../build/worker-plan.ts";
import { ROOT } from "../root.ts";
import { withDatabase } from "./runtime.ts";

const BINDING = "LEDGER";
const FOLDER = "migrations";

/** As `wrangler d1 migrations apply` makes it, which does the same in the cloud. */
const APPLIED = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** Applies in order what a database doesn't have yet, each migration in a transaction of its own. */
const migrate = async (database: D1Database): Promise<void> => {
  await database.prepare(APPLIED).run();
  const { results } = await database.prepare('SELECT name FROM "d1_migrations"').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const all = (await readdir(join(ROOT, FOLDER))).filter((name) => name.endsWith(".sql")).toSorted();
  for (const name of all.filter((name) => !applied.has(name))) {
    await database.batch([
      database.prepare(await readFile(join(ROOT, FOLDER, name), "utf8")),
      database.prepare('INSERT INTO "d1_migrations" (name) VALUES (?)').bind(name),
    ]);
  }
};

/**
 * Brings the ledger's tables up to date, before there is a Worker that could use them. A stamp beside the
 * database remembers the migrations that it has, so that mostly nothing has to be started to look.
 *
 * @param folder where the Worker's storage is kept
 */
export const migrateLedger = async (
  plan: Plan,
  folder: string,
  say: (line: string) => void,
): Promise<void> => {
  await onceFor(join(folder, "migrated"), await fingerprint(ROOT, [FOLDER]), async () => {
    say("Preparing the ledger …");
    await withDatabase(plan, BINDING, folder, migrate);
  });
};
