// `npm run deploy`: the page, the ledger's tables and the Worker, onto the Cloudflare account that
// wrangler is signed in to. What has to be done once by hand is said when it is missing.
import { join } from "node:path";
import * as v from "valibot";
import { unstable_readConfig as readConfig } from "wrangler";
import { ALL, ensureBuilt } from "./build/artefacts.ts";
import { requireSecrets } from "./deploy/secrets.ts";
import { bin, ROOT } from "./root.ts";
import { Failure } from "./start/failure.ts";
import { runOpenly } from "./test/step.ts";

const Config = v.object({ d1_databases: v.array(v.object({ database_id: v.string() })) });
const PLACEHOLDER = "00000000-0000-0000-0000-000000000000";

const wrangler = async (...args: string[]): Promise<void> => {
  const passed = await runOpenly({ name: "wrangler", command: [bin("wrangler"), ...args] }, process.env);
  if (!passed) throw new Failure(`\`wrangler ${args.join(" ")}\` failed (see above).`);
};

try {
  const config = v.parse(Config, readConfig({ config: join(ROOT, "wrangler.jsonc") }));
  if (config.d1_databases.some(({ database_id: id }) => id === PLACEHOLDER)) {
    throw new Failure(
      [
        "Before the first deployment, once:",
        "  1. npx wrangler login",
        "  2. npx wrangler d1 create curfew, and put the id that it prints into wrangler.jsonc as database_id",
        "  3. npx wrangler secret put CURFEW_TOKEN    (your token; a long random word)",
        "     npx wrangler secret put CURFEW_SECRET   (another one)",
        "     npx wrangler secret put CURFEW_URL      (the Worker's address, by which containers reach it)",
        "Docker must be running, since the container's image is built here. Then `npm run deploy` again.",
      ].join("\n"),
    );
  }
  await requireSecrets();
  await ensureBuilt(ALL, console.error);
  await wrangler("d1", "migrations", "apply", "LEDGER", "--remote");
  await wrangler("deploy");
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
