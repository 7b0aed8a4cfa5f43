// `npm run soak`: the tests that draw schedules and moments of kills, with many draws. Run once before a release; it takes
// about an hour. Arguments go to vitest. CURFEW_SEED, CURFEW_SCHEDULES and CURFEW_RUNS draw others.
import { ALL, ensureBuilt } from "./build/artefacts.ts";
import { bin } from "./root.ts";
import { runOpenly } from "./test/step.ts";

const DRAWS = { CURFEW_SOAK: "1", CURFEW_SCHEDULES: "20000", CURFEW_RUNS: "20" };
const TESTS = [
  "test/model-check",
  "test/time",
  "test/soak",
  "test/upgrade/kills",
  "test/system/deletion.test.ts",
];

process.on("SIGINT", () => {});

await ensureBuilt(ALL, console.error);
const wanted = process.argv.slice(2);
const passed = await runOpenly(
  { name: "soak", command: [bin("vitest"), "run", ...(wanted.length > 0 ? wanted : TESTS)] },
  { ...DRAWS, ...process.env },
);
if (!passed) process.exitCode = 1;
if (process.connected) process.disconnect();
