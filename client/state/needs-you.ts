import type { BeadSummary } from "../../src/protocol/bead.ts";
import type { TownView } from "./reduce-town.ts";

/** Whether a bead waits for a person; the one place that decides it. */
export const needsYou = (bead: BeadSummary): boolean =>
  bead.status === "failed" || (bead.held && bead.status !== "closed" && bead.status !== "cancelled");

/** How many beads and rigs wait for a person. */
export const countNeedsYou = ({ town, rigs }: Pick<TownView, "town" | "rigs">): number =>
  town.beads.needsYou + rigs.filter((rig) => rig.state === "failed").length;

/** Whether a person can set a bead going again: it waits for one, or for the time of its next try. */
export const canRetry = (bead: BeadSummary): boolean => needsYou(bead) || bead.retryAt !== null;
export const canCancel = (bead: BeadSummary): boolean =>
  bead.status !== "closed" && bead.status !== "cancelled";
