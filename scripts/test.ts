// `npm test`: the checks, then all tests, a real browser's included. With files, those alone and at once:
// `npm test -- test/town/decide.test.ts`; with `--watch`, again after each change. Arguments go to vitest.
import { bin } from "./root.ts";
import { Failure } from "./start/failure.ts";
import { runChecks } from "./test/checks.ts";
import { ensureChromium } from "./test/chromium.ts";
import { runOpenly } from "./test/step.ts";

const args = process.argv.slice(2);
const files = args.filter((arg) => !arg.startsWith("-"));
const isWhole = files.length === 0 && !args.includes("--watch");
/** Tests of these areas open a browser, or may. */
const needsBrowser = files.length === 0 || files.some((file) => /e2e|system/.test(file));

// Ctrl-C reaches vitest from the terminal too; its word is the last one.
process.on("SIGINT", () => {});

try {
  const env = needsBrowser ? { ...process.env, CURFEW_CHROMIUM: await ensureChromium() } : process.env;
  const checked = !isWhole || (await runChecks());
  const tested = await runOpenly(
    { name: "tests", command: [bin("vitest"), ...(args.includes("--watch") ? [] : ["run"]), ...args] },
    env,
  );
  if (!checked) console.error("The tests are not all: a check above FAILED.");
  if (!checked || !tested) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
