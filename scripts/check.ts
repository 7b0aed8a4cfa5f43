// `npm run check`: everything of `npm test` but the tests.
import { runChecks } from "./test/checks.ts";

if (!(await runChecks())) process.exitCode = 1;
