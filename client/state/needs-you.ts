import type { Bead } from "../../src/protocol/bead.ts";
import type { Rig } from "../../src/protocol/rig.ts";

/** Whether a bead waits for a person; the one place that decides it. */
export const needsYou = (bead: Bead): boolean =>
  bead.status === "failed" || (bead.held && bead.status !== "closed" && bead.status !== "cancelled");

/** How many beads and rigs wait for a person. */
export const countNeedsYou = (beads: readonly Bead[], rigs: readonly Rig[]): number =>
  beads.filter(needsYou).length + rigs.filter((rig) => rig.state === "failed").length;

/** What a person can do with a bead now. */
export const canRetry = needsYou;
export const canCancel = (bead: Bead): boolean => bead.status !== "closed" && bead.status !== "cancelled";
