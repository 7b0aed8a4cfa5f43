/** Settings as a file of git's configuration. */
export const configText = (
  entries: readonly (readonly [section: string, name: string, value: string])[],
): string => entries.map(([section, name, value]) => `[${section}]\n\t${name} = ${quote(value)}\n`).join("");

/** What a private `GIT_CONFIG_GLOBAL` is made of. */
export interface ConfigParts {
  /** What the rig's repository is reached by; local copies need `file` besides, submodules `https`. */
  readonly protocol: "https" | "http" | "ssh" | "file";
  /** Folders that may belong to another user of this machine. */
  readonly safe: readonly string[];
  /** Where a token may be asked for, and by which script; `null` without a token. */
  readonly credential: { readonly origin: string; readonly helper: string } | null;
}

/** A value in git's configuration language. */
const quote = (value: string): string => `"${value.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;

/** A word of a shell command. */
export const shellWord = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Used for everything of ours that has no better author. */
export const CURFEW = { name: "Curfew", email: "curfew@curfew.invalid" } as const;

/**
 * The only configuration that git reads besides a repository's own: no helper, alias or filter of
 * this machine's user reaches our commands.
 */
export const gitConfig = ({ protocol, safe, credential }: ConfigParts): string => {
  const entries: (readonly [section: string, name: string, value: string])[] = [
    ["user", "name", CURFEW.name],
    ["user", "email", CURFEW.email],
    ["init", "defaultBranch", "main"],
    ["protocol", "allow", "never"],
    ['protocol "file"', "allow", "always"],
    ['protocol "https"', "allow", "always"], // Submodules.
    [`protocol "${protocol}"`, "allow", "always"],
    // Clones live for minutes, and a mirror is read while it is fetched into.
    ["gc", "auto", "0"],
    ["maintenance", "auto", "false"],
    ["submodule", "recurse", "false"],
    ["core", "quotePath", "false"],
    ["core", "askPass", ""],
    ["credential", "helper", ""], // Empties the list of helpers.
    ...safe.map((folder) => ["safe", "directory", folder] as const),
  ];
  if (credential) {
    const helper = `!sh ${shellWord(credential.helper)}`;
    entries.push([`credential ${quote(credential.origin)}`, "helper", helper]);
  }
  return configText(entries);
};
