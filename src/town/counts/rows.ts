import type { AgentStatus } from "../../protocol/agent.ts";
import type { BeadStatus } from "../../protocol/bead.ts";

/**
 * How many rows there are of each status, in the town's record: kept where a status changes, since a town of ten
 * thousand beads would have to be counted for every page that opens.
 */
export interface Counts {
  readonly beads: Record<BeadStatus, number>;
  /** Beads that wait for a person. */
  needsYou: number;
  /** Agents whose room has been founded. */
  readonly agents: Record<AgentStatus, number>;
}

export const NO_COUNTS: Counts = {
  beads: { open: 0, in_progress: 0, in_review: 0, closed: 0, failed: 0, cancelled: 0 },
  needsYou: 0,
  agents: { idle: 0, working: 0, waiting: 0, failed: 0, ended: 0 },
};

/** One row fewer `from`, one more `to`; `null` is where nothing is counted. */
export const move = <Kind extends string>(
  counts: Record<Kind, number>,
  from: Kind | null,
  to: Kind | null,
): void => {
  if (from !== null) counts[from] -= 1;
  if (to !== null) counts[to] += 1;
};
