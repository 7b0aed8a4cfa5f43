import { type HostEnvironment, NOTHING_ASKS, pick } from "../../processes/environment.ts";
import { MARKER } from "../../processes/marker.ts";

/** By the marker the engine finds what it has to end. */
const ANYBODY = ["PATH", "TZ", MARKER] as const;

const CERTIFICATES = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"] as const;

const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/** What git may see of our environment: how to find programs and the network, no secret, no setting of git's. */
export const gitEnvironment = (
  host: HostEnvironment,
  own: { readonly configFile: string; readonly home: string; readonly temporary: string },
): Record<string, string> => ({
  ...pick(host, [...ANYBODY, ...CERTIFICATES, ...PROXIES]),
  LC_ALL: "C", // The faults are read from git's words.
  HOME: own.home,
  TMPDIR: own.temporary,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: own.configFile,
  GIT_ATTR_NOSYSTEM: "1",
  ...NOTHING_ASKS,
  // A look at somebody's working copy must not take the lock of its index.
  GIT_OPTIONAL_LOCKS: "0",
});

/** What a gate may see. It runs code that an agent wrote: a proxy's password is not for it. */
export const gateEnvironment = (
  host: HostEnvironment,
  own: { readonly home: string; readonly temporary: string; readonly ceiling: string },
): Record<string, string> => {
  const passed = pick(host, [...ANYBODY, ...CERTIFICATES, ...PROXIES, "LANG", "LC_ALL"]);
  const open = Object.entries(passed).filter(
    ([name, value]) => !/_proxy$/i.test(name) || !value.includes("@"),
  );
  return {
    ...Object.fromEntries(open),
    HOME: own.home,
    TMPDIR: own.temporary,
    ...NOTHING_ASKS,
    // A gate that has lost its own repository must not find one further up.
    GIT_CEILING_DIRECTORIES: own.ceiling,
  };
};
