import { join } from "node:path";
import { bin, ROOT } from "../root.ts";
import { runQuietly } from "./command.ts";
import { fingerprint } from "./fingerprint.ts";
import { onceFor } from "./stamp.ts";

/**
 * Brings the ledger's tables up to date. wrangler takes seconds to find that nothing is new, so a stamp
 * beside the database remembers the migrations that it has.
 *
 * @param folder where the Worker's storage is kept
 * @param env wrangler's environment
 */
export const migrateLedger = async (
  folder: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  await onceFor(join(folder, "migrated"), await fingerprint(ROOT, ["migrations"]), async () => {
    say("Preparing the ledger …");
    await runQuietly(
      "Preparing the ledger",
      bin("wrangler"),
      ["d1", "migrations", "apply", "LEDGER", "--local", "--persist-to", folder],
      { cwd: ROOT, env, signal },
    );
  });
};
