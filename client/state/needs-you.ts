import type { Bead } from "../../src/protocol/bead.ts";
import type { Rig } from "../../src/protocol/rig.ts";

/** Whether a bead waits for a person; the one place that decides it. */
export const needsYou = (bead: Bead): boolean =>
  bead.status === "failed" || (bead.held && bead.status !== "closed" && bead.status !== "cancelled");

/** How many beads and rigs wait for a person. */
export const countNeedsYou = (beads: readonly Bead[], rigs: readonly Rig[]): number =>
  beads.filter(needsYou).length + rigs.filter((rig) => rig.state === "failed").length;

/** Whether a person can set a bead going again: it waits for one, or for the time of its next try. */
export const canRetry = (bead: Bead): boolean => needsYou(bead) || bead.retryAt !== null;
export const canCancel = (bead: Bead): boolean => bead.status !== "closed" && bead.status !== "cancelled";
