import { fileURLToPath } from "node:url";
import type { Launch } from "../agents/launch.ts";
import type { LaunchContext } from "./launch-context.ts";

const MAIN = fileURLToPath(new URL("script/main.ts", import.meta.url));

/** The agent of our own that needs no model. */
export const script = ({ env, role }: LaunchContext): Launch => ({
  command: process.execPath,
  args: [MAIN],
  env: { ...env, CURFEW_ROLE: role },
});
