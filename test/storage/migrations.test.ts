import { createHash } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { AGENT_MIGRATIONS } from "../../src/agent/schema.ts";
import {
  bringUpToDate,
  establish,
  SCHEMA,
  schemaOf,
  standingOf,
  type Migration,
  type Migrations,
} from "../../src/storage/migrations.ts";
import { CONTAINER_MIGRATIONS } from "../../src/storage/container.ts";
import { TOWN_MIGRATIONS } from "../../src/town/features.ts";
import { USER_MIGRATIONS } from "../../src/user/schema.ts";
import { openStorage } from "../support/sqlite.ts";

const HISTORIES: Readonly<Record<string, Migrations>> = {
  User: USER_MIGRATIONS,
  Town: TOWN_MIGRATIONS,
  Agent: AGENT_MIGRATIONS,
  TownContainer: CONTAINER_MIGRATIONS,
};

/**
 * The first characters of the SHA-256 of each migration, oldest first. What is here has been applied to
 * rooms that live: a line is added for a new migration, and none is ever changed.
 */
const KNOWN: Readonly<Record<string, readonly (readonly [name: string, hash: string])[]>> = {
  User: [
    ["baseline", "c7aa2aa81ff8"],
    ["towns-by-age", "34ba43af5d7b"],
  ],
  Town: [
    ["baseline", "53f5cbbe5839"],
    ["outbox", "9ecdffe0d8d2"],
    ["check-losses", "b8072aa0ff51"],
    ["message-losses", "803134570f64"],
    ["asked-branches", "d0a6b7e5ff31"],
    ["shown-beads", "2e60fb34af0e"],
    ["kept-counts", "2b55bb23225b"],
  ],
  Agent: [["baseline", "6909954f180d"]],
  TownContainer: [["baseline", "e3b0c44298fc"]],
};

/** What it does, whatever the spaces: a function counts as its text. */
const hashOf = ({ up }: Migration): string =>
  createHash("sha256")
    .update((typeof up === "function" ? up.toString() : up.join(";")).replaceAll(/\s+/g, " "))
    .digest("hex")
    .slice(0, 12);

describe("the histories", () => {
  test.each(Object.entries(HISTORIES))("U1: the history of %s is only appended to", (name, migrations) => {
    expect(migrations.map((migration) => [migration.name, hashOf(migration)])).toEqual(KNOWN[name]);
  });

  test.each(Object.entries(HISTORIES))(
    "names in that of %s are unique, and fit a close's reason",
    (_, all) => {
      const names = all.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]{0,29}$/);
    },
  );

  test.each(Object.entries(HISTORIES))("that of %s makes the same whether at once or in steps", (_, all) => {
    const [atOnce, inSteps] = [openStorage(), openStorage()];
    establish(atOnce, all);
    const [first] = all;
    for (let known = 1; known <= all.length; known += 1)
      if (known === 1) establish(inSteps, [first]);
      else bringUpToDate(inSteps, [first, ...all.slice(1, known)]);
    const tables = "SELECT type, name, sql FROM sqlite_master ORDER BY name";
    expect(inSteps.sql.all(tables)).toEqual(atOnce.sql.all(tables));
    expect(inSteps.kv.get(SCHEMA)).toEqual(atOnce.kv.get(SCHEMA));
  });
});

const BASELINE: Migration = { name: "baseline", up: ["CREATE TABLE beads (id TEXT)"] };
const COLUMN: Migration = { name: "column", up: ["ALTER TABLE beads ADD COLUMN needs TEXT"] };
const RECORD: Migration = { name: "record", up: ({ kv }) => kv.put("town", { name: "Elm" }) };

describe("how a room's storage stands to the code", () => {
  it("U1: no record means the first version", () => {
    expect(schemaOf(openStorage().kv, [BASELINE, COLUMN])).toEqual({ version: 1, name: "baseline" });
  });

  it.each([
    [{ version: 2, name: "column" }, { kind: "current" }],
    [
      { version: 1, name: "baseline" },
      { kind: "older", due: [COLUMN] },
    ],
    [{ version: 3, name: "record" }, { kind: "newer" }],
    // As many as are known here, but of another line.
    [{ version: 2, name: "record" }, { kind: "newer" }],
  ])("%o is %o", (schema, standing) => {
    expect(standingOf(schema, [BASELINE, COLUMN])).toEqual(standing);
  });

  it("U2: applies what is due, in order, and no more the next time", () => {
    const storage = openStorage();
    for (const statement of BASELINE.up as string[]) storage.sql.run(statement);
    const all: Migrations = [BASELINE, COLUMN, RECORD];
    expect(bringUpToDate(storage, all)).toMatchObject({ kind: "older" });
    expect(storage.kv.get(SCHEMA)).toEqual({ version: 3, name: "record" });
    expect(storage.kv.get("town")).toEqual({ name: "Elm" });
    expect(storage.sql.all("SELECT needs FROM beads")).toEqual([]);
    const before = storage.statements.length;
    expect(bringUpToDate(storage, all)).toEqual({ kind: "current" });
    expect(storage.statements).toHaveLength(before);
  });
});
