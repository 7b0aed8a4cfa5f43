// `npm run format`: writes all sources in the one format that `npm run check` asks for.
import { bin } from "./root.ts";
import { runOpenly } from "./test/step.ts";

if (!(await runOpenly({ name: "format", command: [bin("oxfmt"), ...process.argv.slice(2)] }, process.env))) {
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
