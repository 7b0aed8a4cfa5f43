// Runs one of the scripts beside this file, or the bench, on any machine that has Node 20, npm and git: installs the
// packages if they are not the ones of package-lock.json, then hands over to the Node 24 among them.
// Plain JavaScript without dependencies, because nothing else can be counted on yet. package.json runs it by
// `exec`: a shell between npm and this would end by npm's signals and leave this behind.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInstalled } from "./installed.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");
const SCRIPTS = ["start", "dev", "test", "check", "format", "bench", "build", "deploy", "sweep", "soak"];

const stay = () => {};

/** @type {(sentence: string) => never} */
const fail = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

/**
 * Runs a child. On a terminal Ctrl-C reaches it from there, so this process only waits; any other signal is
 * passed on. The `ipc` slot tells the child when this process is gone.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<number>} the exit code, 128 + signal if a signal ended it, 127 if it can't be started
 */
const run = (command, args, options) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, ...options });
    const passOn = () => child.kill("SIGTERM");
    const interrupt = process.stdin.isTTY ? stay : passOn;
    process.on("SIGINT", interrupt).on("SIGTERM", passOn).on("SIGHUP", passOn);
    const done = (/** @type {number} */ code) => {
      process.off("SIGINT", interrupt).off("SIGTERM", passOn).off("SIGHUP", passOn);
      resolve(code);
    };
    child.on("error", () => done(127));
    child.on("exit", (code, signal) => done(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });

const install = async () => {
  console.error("Installing packages (once; later starts skip this) …");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env["npm_execpath"];
  /** @type {import("node:child_process").SpawnOptions} */
  const options = { stdio: ["ignore", 2, 2] };
  const code = npm?.endsWith(".js")
    ? await run(process.execPath, [npm, ...args], options)
    : await run("npm", args, options);
  if (code === 130 || code === 143) process.exit(code);
  if (code === 127) fail("npm was not found: install it, then run this again.");
  if (code !== 0) fail("`npm ci` failed (see above), so the packages are not there. Run this again.");
  if (!isInstalled(ROOT)) fail("`npm ci` ran, but packages are still missing. Run it by hand and look.");
};

const [script = "", ...args] = process.argv.slice(2);
if (!SCRIPTS.includes(script)) fail(`Usage: node scripts/run.mjs ${SCRIPTS.join("|")}`);
if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(`Curfew needs Node 20 or later; this is ${process.version}.`);
}
if (!isInstalled(ROOT)) await install();

const entry = script === "bench" ? ["bench", "main.ts"] : ["scripts", `${script}.ts`];
const code = await run(join(BIN, "node"), [join(ROOT, ...entry), ...args], {
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  env: { ...process.env, PATH: `${BIN}${delimiter}${process.env["PATH"] ?? ""}` },
});
if (code === 127) {
  fail(
    "Node 24 (the npm package `node`) can't be run. Its install script has to run: allow it, then `npm ci`.",
  );
}
process.exit(code);
