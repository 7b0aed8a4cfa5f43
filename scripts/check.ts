// `npm run check`: everything of `npm test` but the tests. With names, those checks alone.
import { CHECK_NAMES, type CheckName, runChecks } from "./test/checks.ts";

const isCheck = (name: string): name is CheckName => (CHECK_NAMES as string[]).includes(name);

const names = process.argv.slice(2);
if (!names.every(isCheck)) {
  console.error(`Usage: npm run check -- [${CHECK_NAMES.join("|")}] …`);
  process.exitCode = 1;
} else if (!(await runChecks(names.length > 0 ? names : CHECK_NAMES))) process.exitCode = 1;
if (process.connected) process.disconnect();
