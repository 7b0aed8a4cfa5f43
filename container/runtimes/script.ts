import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Launch } from "../agents/launch.ts";
import type { LaunchContext } from "./launch-context.ts";

/** Beside this file, and just so beside the one file that the control server is built into. */
const MAIN = fileURLToPath(new URL(`script/main${extname(import.meta.url)}`, import.meta.url));

/** The agent of our own that needs no model. */
export const script = ({ env, role }: LaunchContext): Launch => ({
  command: process.execPath,
  args: [MAIN],
  env: { ...env, CURFEW_ROLE: role },
});
