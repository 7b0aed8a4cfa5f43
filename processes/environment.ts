/** The environment that a command's own is picked from: nearly always `process.env`. */
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** Of an environment only the named variables, where they are set. */
export const pick = (host: HostEnvironment, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = host[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * Variables with which no program waits for a person who isn't there: an editor ends at once without a change, a
 * pager passes everything on and nobody is asked for a password or a yes; output is for a file, not for a screen.
 * What none of this reaches asks on a terminal, and nobody is given one.
 */
export const NOTHING_ASKS: Readonly<Record<string, string>> = {
  CI: "true",
  TERM: "dumb",
  NO_COLOR: "1",
  EDITOR: "true",
  VISUAL: "true",
  PAGER: "cat",
  MANPAGER: "cat",
  SYSTEMD_PAGER: "cat",
  GIT_EDITOR: "true",
  GIT_SEQUENCE_EDITOR: "true",
  GIT_MERGE_AUTOEDIT: "no",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  GCM_INTERACTIVE: "never",
  SSH_ASKPASS_REQUIRE: "never",
  DEBIAN_FRONTEND: "noninteractive",
  npm_config_yes: "true",
  COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
  PIP_NO_INPUT: "1",
};
