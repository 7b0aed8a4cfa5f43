import { cpSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../scripts/root.ts";
import { openBrowser } from "../support/browser.ts";
import { Curfew } from "../support/curfew.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NOT_COPIED = new Set(
  ["node_modules", "dist", ".git", ".curfew", "test", "bench"].map((name) => join(ROOT, name)),
);

/** The project, to be changed by a test; its packages are the real ones. */
const copyProject = (folder: string): string => {
  const copy = join(realpathSync(folder), "curfew");
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !NOT_COPIED.has(path) });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
};

const change = (path: string, from: string, to: string): void => {
  const before = readFileSync(path, "utf8");
  expect(before).toContain(from);
  writeFileSync(path, before.replaceAll(from, to));
};

it("npm run dev shows a change of the page where it stands, and runs a change of the Worker", async () => {
  using folder = temporaryFolder();
  const project = copyProject(folder.path);
  await using curfew = new Curfew(await freePort(), { checkout: project });
  curfew.spawn("dev");
  await curfew.says("A change in client/ shows at once");
  await using browser = await openBrowser();
  const page = await (await browser.newContext()).newPage();
  await page.goto(/Curfew is open at (\S+)/.exec(curfew.printed)?.[1] ?? "");
  await page.getByText("vanish when deleted").waitFor();
  await page.getByRole("status", { name: "Connection" }).and(page.getByText("Live")).waitFor();
  // Gone with a reload.
  await page.evaluate('window.standing = "still here"');

  change(join(project, "client", "pages", "home.tsx"), "vanish when deleted", "change where they stand");
  await page.getByText("change where they stand").waitFor();
  expect(await page.evaluate("window.standing")).toBe("still here");

  change(join(project, "src", "http", "app.ts"), "c.json({ ok: true })", 'c.json({ ok: "anew" })');
  await curfew.says("The Worker runs the change.");
  expect((await curfew.api("GET", "/api/health")).body).toEqual({ ok: "anew" });

  expect(curfew.printed).not.toContain("proxy");

  const from = curfew.printed.length;
  change(join(project, "src", "http", "app.ts"), 'c.json({ ok: "anew" })', "c.json({ ok: ");
  await curfew.says("Building the Worker failed:", from);
  expect((await curfew.api("GET", "/api/health")).body).toEqual({ ok: "anew" });

  expect(await curfew.stop()).toBe(0);
  expect(curfew.serving()).toEqual([]);
});
