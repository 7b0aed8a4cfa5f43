import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/root.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Imports against the arrows: where, and of what. */
const REFUSED = [
  ["processes/a.ts", "../engine/engine.ts"],
  ["engine/a.ts", "../container/main.ts"],
  ["engine/a.ts", "../src/town/town.ts"],
  ["container/git/a.ts", "../../engine/engine.ts"],
  ["container/git/a.ts", "../../src/town/town.ts"],
  ["container/git/a.ts", "../runs/runs.ts"],
  ["container/agents/a.ts", "../../src/town/town.ts"],
  ["container/agents/a.ts", "../runs/ending.ts"],
  ["container/runtimes/script/a.ts", "../../control/control.ts"],
  ["container/runs/a.ts", "../../src/town/town.ts"],
  ["client/parts/a.ts", "../../src/user/user.ts"],
  ["client/parts/a.ts", "../../container/text/clip.ts"],
  ["scripts/a.ts", "../bench/main.ts"],
  ["scripts/start/a.ts", "../../parties/town.ts"],
  ["src/count.ts", "../parties/town.ts"],
  ["src/http/a.ts", "../../parties/town.ts"],
  ["src/auth/a.ts", "../http/app.ts"],
  ["src/mcp/a.ts", "../http/app.ts"],
  ["src/model/a.ts", "../http/app.ts"],
  ["src/town/a.ts", "cloudflare:workers"],
  ["src/town/a.ts", "../http/app.ts"],
  ["src/town/beads/a.ts", "../../../parties/town.ts"],
  ["src/town/beads/a.ts", "../../../container/main.ts"],
  ["src/town/beads/a.ts", "../../agent/agent.ts"],
  ["src/user/a.ts", "partyserver"],
  ["src/user/a.ts", "../town/town.ts"],
  ["src/agent/a.ts", "../mcp/app.ts"],
  ["src/ledger/a.ts", "../http/app.ts"],
  ["src/rooms/a.ts", "../model/app.ts"],
  ["src/rooms/a.ts", "../town/ports.ts"],
  ["src/container-object/a.ts", "../town/town.ts"],
  ["src/container-object/a.ts", "@cloudflare/containers"],
  ["src/storage/a.ts", "../town/town.ts"],
  ["src/protocol/a.ts", "../town/town.ts"],
  ["src/protocol/container/a.ts", "../../config.ts"],
  ["src/lifecycle/a.ts", "../protocol/receipt.ts"],
  ["src/lifecycle/a.ts", "valibot"],
  ["parties/a.ts", "../src/http/app.ts"],
  ["parties/a.ts", "../src/worker.ts"],
  ["parties/adapters/a.ts", "../../container/main.ts"],
] as const;

/** Imports along the arrows. */
const ALLOWED = [
  ["engine/a.ts", "../processes/table.ts"],
  ["container/git/a.ts", "../../src/protocol/bead.ts"],
  ["container/runs/a.ts", "../agents/agents.ts"],
  ["container/control/a.ts", "../runs/runs.ts"],
  ["client/parts/a.ts", "../../src/protocol/bead.ts"],
  ["src/town/beads/a.ts", "../container/life.ts"],
  ["src/town/beads/a.ts", "../agents/names.ts"],
  ["src/town/a.ts", "../protocol/container/order.ts"],
  ["src/http/a.ts", "../mcp/app.ts"],
  ["src/storage/a.ts", "../sql.ts"],
  ["src/storage/a.ts", "../lifecycle/backoff.ts"],
  ["src/worker.ts", "../parties/town.ts"],
  ["src/protocol/container/a.ts", "../bead.ts"],
  ["parties/a.ts", "../src/town/town.ts"],
] as const;

type Import = readonly [file: string, from: string];

const Report = v.object({
  diagnostics: v.array(v.object({ code: v.string(), filename: v.string() })),
});

/** What the project's own rules find in these files, each as `<file>: <rule>`. */
const lint = (files: Readonly<Record<string, string>>): string[] => {
  using folder = temporaryFolder();
  for (const config of [".oxlintrc.json", ".oxlintrc.layers.json"])
    copyFileSync(join(ROOT, config), join(folder.path, config));
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "-f", "json"], {
    cwd: folder.path,
    encoding: "utf8",
  });
  const { diagnostics } = v.parse(Report, JSON.parse(stdout));
  return diagnostics.map(({ filename, code }) => `${filename}: ${code}`);
};

/** One file for each import, in the folder that it is imported from. */
const planted = (imports: readonly Import[]): Record<string, string> =>
  Object.fromEntries(
    imports.map(([file, from], n) => [
      file.replace(/\ba\.ts$/, `planted-${n}.ts`),
      `export * from "${from}";\n`,
    ]),
  );

test("an import against the arrows is refused, wherever it is", () => {
  const files = planted(REFUSED);
  expect(lint(files).toSorted()).toEqual(
    Object.keys(files)
      .map((file) => `${file}: eslint(no-restricted-imports)`)
      .toSorted(),
  );
});

test("an import along the arrows is not", () => {
  expect(lint(planted(ALLOWED))).toEqual([]);
});

test("a circle is refused, one of types too", () => {
  const found = lint({
    "src/town/one.ts": 'import type { Two } from "./two.ts";\nexport interface One { two: Two | null }\n',
    "src/town/two.ts": 'import type { One } from "./one.ts";\nexport interface Two { one: One | null }\n',
  });
  expect(found.toSorted()).toEqual([
    "src/town/one.ts: import(no-cycle)",
    "src/town/two.ts: import(no-cycle)",
  ]);
});
