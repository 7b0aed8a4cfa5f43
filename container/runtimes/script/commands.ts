/** What a person told the mayor to do. */
export type Command =
  | { readonly command: "help" | "status" | "rigs" }
  | { readonly command: "beads"; readonly status: string }
  | { readonly command: "sling"; readonly words: string; readonly body: string }
  | { readonly command: "cancel"; readonly bead: string }
  /** A slash and a word that is none of ours. */
  | { readonly command: "unknown"; readonly name: string }
  /** Plain text, which takes a model to understand. */
  | { readonly command: "none" };

/**
 * Reads the first line of the message as a command.
 *
 * @example parseCommand("/sling app Fix the title\nIt says Untitled.")
 */
export const parseCommand = (message: string): Command => {
  const [first = "", ...rest] = message.trim().split(/\r?\n/);
  const [, name, words = ""] = /^\/(\S*)\s*(.*)$/.exec(first) ?? [];
  switch (name) {
    case undefined:
      return { command: "none" };
    case "help":
    case "status":
    case "rigs":
      return { command: name };
    case "beads":
      return { command: "beads", status: words.trim() };
    case "sling":
      return { command: "sling", words: words.trim(), body: rest.join("\n").trim() };
    case "cancel":
      return { command: "cancel", bead: words.trim() };
    default:
      return { command: "unknown", name };
  }
};

/** Where to sling, or what is missing. */
export type Target =
  | { readonly ok: true; readonly rig: string; readonly title: string }
  | { readonly ok: false; readonly why: string };

/** A rig as the town lists it. */
export interface KnownRig {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
}

/**
 * The first word is the rig if it names one; it may be left out when only one can be used. One whose check
 * failed is neither counted nor proposed; who names it is told why by the town.
 */
export const chooseRig = (words: string, rigs: readonly KnownRig[]): Target => {
  const [, first = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(words) ?? [];
  if (rigs.length === 0) return { ok: false, why: "This town has no rig yet: add a repository first." };
  const named = rigs.some(({ name }) => name === first);
  const title = named ? rest.trim() : words.trim();
  if (title === "") return { ok: false, why: "Say what is to be done: `/sling [rig] title`." };
  if (named) return { ok: true, rig: first, title };
  const usable = rigs.filter(({ state }) => state !== "failed");
  const [only] = usable;
  if (only === undefined)
    return { ok: false, why: `No rig of this town can be used: ${rigs.map(whyNot).join(", ")}.` };
  if (usable.length === 1) return { ok: true, rig: only.name, title };
  return { ok: false, why: `Say which rig: ${usable.map(({ name }) => `\`${name}\``).join(", ")}.` };
};

const whyNot = ({ name, reason }: KnownRig): string => `\`${name}\` (${reason ?? "its check failed"})`;
