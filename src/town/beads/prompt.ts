import { beadId } from "../ids.ts";
import type { RigRow } from "../rigs/rows.ts";
import type { BeadRow } from "./rows.ts";

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
