// `node scripts/build/page.ts`: builds the page beside where it is served from and then puts it there, so that
// an instance that serves it meanwhile always finds a whole one, even when this is killed.
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "../root.ts";
import { DIST } from "./bundles.ts";

const served = join(DIST, "client");
const made = join(DIST, `client.${process.pid}`);
const replaced = `${made}.old`;

// Whoever starts this, tests among them.
process.env["NODE_ENV"] = "production";
await build({
  configFile: join(ROOT, "vite.config.ts"),
  logLevel: "warn",
  build: { outDir: made, emptyOutDir: true },
});
await rename(served, replaced).catch((error: NodeJS.ErrnoException) => {
  if (error.code !== "ENOENT") throw error;
});
await rename(made, served);
await rm(replaced, { recursive: true, force: true });
