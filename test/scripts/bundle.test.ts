import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeBundle } from "../../scripts/build/bundle.ts";
import { BUNDLES } from "../../scripts/build/bundles.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("A bundle", () => {
  it("holds all that it runs in one file each, beside what it reads by name", async () => {
    using folder = temporaryFolder();
    await makeBundle(BUNDLES.container, folder.path);
    const files = readdirSync(folder.path, { recursive: true, encoding: "utf8" });
    expect(files.toSorted()).toEqual(["credential-helper.sh", "main.js", "script", "script/main.js"]);
    const imported = [
      ...readFileSync(join(folder.path, "main.js"), "utf8").matchAll(/^import .* from "(.*)";$/gm),
    ];
    expect(imported.map(([, name]) => name).filter((name) => !name?.startsWith("node:"))).toEqual([]);
  });

  it("is not made of what its fingerprint doesn't cover", async () => {
    using folder = temporaryFolder();
    const narrow = { ...BUNDLES.engine, sources: ["engine"] };
    await expect(makeBundle(narrow, folder.path)).rejects.toThrow(
      /holds processes\/\S+, which is not among its sources/,
    );
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
