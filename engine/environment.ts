import { type HostEnvironment, pick } from "../processes/environment.ts";
import { MARKER } from "../processes/marker.ts";

/** What a container may see of the engine's own environment; all else could be a secret. */
const PASSED_ON = ["PATH", "LANG", "LC_ALL", "TZ", "TERM"] as const;

/** What the engine itself decides for one container. */
interface Own {
  readonly HOME: string;
  /** Below the working folder too, so that temporary files go with it. */
  readonly TMPDIR: string;
  /** Where the container is to listen, on loopback. */
  readonly PORT: string;
  readonly [MARKER]: string;
}

/**
 * The whole environment of a container's main process.
 *
 * @param host the engine's environment
 * @param created `KEY=value` entries of the create call; they win over the host's, not over the engine's
 */
export const containerEnvironment = (
  host: HostEnvironment,
  created: readonly string[],
  own: Own,
): Record<string, string> => {
  const environment = pick(host, PASSED_ON);
  for (const entry of created) {
    const end = entry.indexOf("=");
    environment[entry.slice(0, end)] = entry.slice(end + 1);
  }
  return { ...environment, ...own };
};
