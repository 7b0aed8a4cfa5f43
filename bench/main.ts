// `npm run bench -- idle|dispatch [--write]`: measures, prints, and with `--write` keeps the result in
// docs/BENCH.md.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run as dispatch } from "./dispatch/run.ts";
import { run as idle } from "./idle/run.ts";
import { ROOT } from "../scripts/root.ts";

const BENCHES = { idle, dispatch } as const;

const isBench = (name: string): name is keyof typeof BENCHES => Object.hasOwn(BENCHES, name);

/** Puts a report between the marks of its bench. */
const keep = async (name: string, report: string): Promise<void> => {
  const path = join(ROOT, "docs", "BENCH.md");
  const text = await readFile(path, "utf8");
  const begin = `<!-- ${name} -->`;
  const end = `<!-- end of ${name} -->`;
  const before = text.slice(0, text.indexOf(begin));
  const after = text.slice(text.indexOf(end));
  await writeFile(path, `${before}${begin}\n\n${report}\n\n${after}`);
};

const [name = "", ...flags] = process.argv.slice(2);
if (isBench(name)) {
  const report = await BENCHES[name]();
  console.log(report);
  if (flags.includes("--write")) await keep(name, report);
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--write]`);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
