// `node scripts/build/plan.ts`: what wrangler makes of wrangler.jsonc for a Worker on this machine, kept so
// that no start has to load wrangler. A process of its own, for the same reason.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as v from "valibot";
import {
  unstable_getMiniflareWorkerOptions as workerOptions,
  unstable_readConfig as readConfig,
} from "wrangler";
import { ROOT } from "../root.ts";
import { Plan, PLAN } from "./worker-plan.ts";

const config = readConfig({ config: join(ROOT, "wrangler.jsonc") });
// The image's name is each instance's own.
const { workerOptions: whole } = workerOptions(config, undefined, { containerBuildId: "any" });
// It is kept in a folder that may be moved; and the Worker is one file, which needs no rules for others.
const { rootPath: _, modulesRules: __, ...options } = JSON.parse(JSON.stringify(whole));
const plan = v.parse(Plan, { name: config.name, options });
plan.options.assets.directory = relative(ROOT, plan.options.assets.directory);
await mkdir(dirname(PLAN), { recursive: true });
await writeFile(PLAN, JSON.stringify(plan, null, 2));
