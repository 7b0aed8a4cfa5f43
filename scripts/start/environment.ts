import { MARK } from "./leftovers.ts";

/**
 * The environment of the Worker's host: none of our settings, which hold secrets, and the mark of the state
 * folder, by which its processes are found again.
 */
export const hostEnvironment = (env: NodeJS.ProcessEnv, mark: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("CURFEW_"))),
  FORCE_COLOR: "0",
  [MARK]: mark,
});
