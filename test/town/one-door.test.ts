import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}/${file}`);

const matching = (pattern: RegExp): string[] =>
  [...sources("src"), ...sources("parties")].filter((file) =>
    pattern.test(readFileSync(join(ROOT, file), "utf8")),
  );

test("C1: the container's object is addressed only by the town's room, through one port", () => {
  // Where its namespace is read, and where a stub of it is made: for rooms, and for the sweep of orphans,
  // whose town nobody knows.
  expect(matching(/\bTownContainer\.(getByName|get|idFromName|idFromString)\(/)).toEqual([
    "src/ledger/run-orphans.ts",
    "parties/ports.ts",
  ]);
  // Who makes one: the Town's port and its finalizer.
  expect(matching(/\.container\(/)).toEqual(["parties/town.ts"]);
});

test("C1: the port is called only by the conductor, which writes down every touch", () => {
  expect(matching(/\bcontainer\.(order|cancel|stop|kill)\(/)).toEqual(["src/town/conductor.ts"]);
});
