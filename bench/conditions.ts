import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ROOT } from "../scripts/root.ts";

const versionOf = (name: string): string => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string } | undefined>;
  };
  return packages[`node_modules/${name}`]?.version ?? "unknown";
};

/** When and with what a bench was run, as a sentence. */
export const conditions = (): string => {
  const packages = ["workerd", "wrangler", "partyserver", "@cloudflare/containers"];
  const versions = packages.map((name) => `${name} ${versionOf(name)}`).join(", ");
  const day = new Date().toISOString().slice(0, 10);
  return `Run on ${day} with Node ${process.versions.node}, ${versions}, on ${availableParallelism()} cores of ${process.arch}.`;
};
