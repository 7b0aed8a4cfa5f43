import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../scripts/root.ts";

interface Package {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
  packages: Record<string, Package>;
};

/** What Node would find for `name` from the package at `path`. */
const resolved = (path: string, name: string): Package | undefined => {
  const found = packages[`${path}/node_modules/${name}`];
  if (found || path === "") return found ?? packages[`node_modules/${name}`];
  return resolved(
    path.includes("/node_modules/") ? path.slice(0, path.lastIndexOf("/node_modules/")) : "",
    name,
  );
};

it("The lock names the packages for every platform, without which `npm ci` refuses a fresh clone", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, wanted]) => /^\d/.test(wanted) && resolved(path, name)?.version !== wanted)
      .map(([name, wanted]) => `${name}@${wanted} of ${path}`),
  );
  expect(missing).toEqual([]);
});
