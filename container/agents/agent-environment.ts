import { join } from "node:path";
import type { AgentFolders } from "./folders.ts";

/** What an agent may see of the container's own environment; all else could be a secret. */
const PASSED_ON = ["PATH", "LANG", "LC_ALL", "TZ", "TERM", "CURFEW_CONTAINER", "CURFEW_BLOCK_LIMIT"] as const;

/** Marks every process that an agent's process starts, so that none outlives it. */
export const PROCESS_MARKER = "CURFEW_PROCESS";

/** The environment that every runtime starts from: a home of its own and nothing private of ours. */
export const agentEnvironment = (
  own: Readonly<Record<string, string | undefined>>,
  { home, config, tmp }: AgentFolders,
  marker: string,
): Record<string, string> => {
  const passed = PASSED_ON.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  return {
    ...Object.fromEntries(passed),
    HOME: home,
    XDG_CONFIG_HOME: config,
    XDG_DATA_HOME: join(home, ".local", "share"),
    XDG_STATE_HOME: join(home, ".local", "state"),
    XDG_CACHE_HOME: join(home, ".cache"),
    TMPDIR: tmp,
    // Nobody sits there to type a password.
    GIT_TERMINAL_PROMPT: "0",
    [PROCESS_MARKER]: marker,
  };
};
