/** The environment that a command's own is picked from: nearly always `process.env`. */
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** `CURFEW_CONTAINER` is the engine's marker, by which it finds what it has to end. */
const ANYBODY = ["PATH", "TZ", "CURFEW_CONTAINER"] as const;

const CERTIFICATES = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"] as const;

const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

const pick = (host: HostEnvironment, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = host[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * An environment in which no program waits for a person who isn't there: an editor ends at once without a change, a
 * pager passes everything on, and git asks for no password. Ssh asks on a terminal only, and nobody is given one.
 */
export const NOTHING_ASKS: Readonly<Record<string, string>> = {
  CI: "true",
  EDITOR: "true",
  VISUAL: "true",
  PAGER: "cat",
  GIT_EDITOR: "true",
  GIT_SEQUENCE_EDITOR: "true",
  GIT_MERGE_AUTOEDIT: "no",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  DEBIAN_FRONTEND: "noninteractive",
};

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
