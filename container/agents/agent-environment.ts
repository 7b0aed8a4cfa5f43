import { join } from "node:path";
import { type HostEnvironment, NOTHING_ASKS, pick } from "../../processes/environment.ts";
import { MARKER } from "../../processes/marker.ts";
import type { AgentFolders } from "./folders.ts";

/** What an agent may see of the container's own environment; all else could be a secret. */
const PASSED_ON = ["PATH", "LANG", "LC_ALL", "TZ", MARKER, "CURFEW_BLOCK_LIMIT"] as const;

/** Marks every process that an agent's process starts, so that none outlives it. */
export const PROCESS_MARKER = "CURFEW_PROCESS";

/** The environment that every runtime starts from: a home of its own and nothing private of ours. */
export const agentEnvironment = (
  own: HostEnvironment,
  { home, config, tmp }: AgentFolders,
  marker: string,
): Record<string, string> => ({
  ...pick(own, PASSED_ON),
  ...NOTHING_ASKS,
  HOME: home,
  XDG_CONFIG_HOME: config,
  XDG_DATA_HOME: join(home, ".local", "share"),
  XDG_STATE_HOME: join(home, ".local", "state"),
  XDG_CACHE_HOME: join(home, ".cache"),
  TMPDIR: tmp,
  [PROCESS_MARKER]: marker,
});
