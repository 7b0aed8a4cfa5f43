const HIDDEN = "[hidden]";

/** What secrets look like where they are not known by heart. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\bsk-[\w-]{8,}/g, HIDDEN],
  [/\b(gh[pousr]_|github_pat_|glpat-)\w{8,}/g, HIDDEN],
  [/(:\/\/)[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
];

/** `text` without the `secrets` and without what looks like one; for texts that strangers wrote. */
export const scrub = (text: string, secrets: readonly string[]): string => {
  const known = secrets.filter((secret) => secret !== "");
  const plain = known.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), plain);
};
