// `npm test`: the checks, then all tests, a real browser's included. Arguments go to vitest.
import { bin } from "./root.ts";
import { Failure } from "./start/failure.ts";
import { runChecks } from "./test/checks.ts";
import { ensureChromium } from "./test/chromium.ts";
import { runOpenly } from "./test/step.ts";

// Ctrl-C reaches vitest from the terminal too; its word is the last one.
process.on("SIGINT", () => {});

try {
  const chromium = await ensureChromium();
  const checked = await runChecks();
  const tested = await runOpenly(
    { name: "tests", command: [bin("vitest"), "run", ...process.argv.slice(2)] },
    { ...process.env, CURFEW_CHROMIUM: chromium },
  );
  if (!checked) console.error("The tests are not all: a check above FAILED.");
  if (!checked || !tested) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
