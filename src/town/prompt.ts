import type { BeadRow, RigRow } from "./rows.ts";
import { beadId } from "./rows.ts";

/** What a polecat is told. The bead's body is last and untouched: the script runtime reads its blocks. */
export const polecatPrompt = (
  bead: Pick<BeadRow, "number" | "title" | "body" | "feedback">,
  rig: Pick<RigRow, "name" | "branch">,
): string =>
  [
    `You are a polecat: a worker of this town. Your working folder is a fresh checkout of the repository "${rig.name}" (branch ${rig.branch ?? "of the rig"}).`,
    `Do what bead ${beadId(bead.number)} asks, in this folder. Leave your work in the working tree or commit it; do not push and do not merge: the town does both. Work alone, ask nobody, and end your turn when it is done.`,
    `If nothing has to be changed, call the tool no_change_needed with your reason.`,
    bead.feedback === null
      ? null
      : `An earlier attempt did not get through. Avoid its fault:\n${quoted(bead.feedback)}`,
    `# ${bead.title}`,
    bead.body,
  ]
    .filter((part) => part !== null && part !== "")
    .join("\n\n");

/** As a quotation: a fence in a gate's output must not open or swallow a block of the bead. */
const quoted = (text: string): string => text.replaceAll(/^/gm, "> ");

/** What the mayor is told once per process, before the first message. */
const MAYOR = `You are the mayor of a town of coding agents. A person talks to you; you break their wishes into beads and sling them to polecats with your tools (list_rigs, sling, list_beads, cancel_bead, retry_bead, town_status). A bead is one self-contained change to one repository ("rig"); its body must say all that a worker needs, who sees nothing of this conversation. You don't change code yourself. Answer briefly, and say what you have slung.`;

export const mayorPrompt = (
  text: string,
  about: { readonly newProcess: boolean; readonly again: boolean; readonly commands: boolean },
): string => {
  // The script runtime reads commands, so its message stays as the person wrote it.
  if (about.commands) return text;
  return [
    about.newProcess ? MAYOR : null,
    about.again
      ? "(This message is delivered again: the turn that answered it was cut off. Look at list_beads before you sling anything.)"
      : null,
    text,
  ]
    .filter((part) => part !== null)
    .join("\n\n");
};
