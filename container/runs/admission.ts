import type { RunOrder } from "../../src/protocol/container/order.ts";

/** What a run is about: of two runs about the same thing, only the one with the larger fence counts. */
export const subjectOf = (order: RunOrder): string => {
  switch (order.kind) {
    case "check":
      return `rig ${order.rig.name}`;
    case "turn":
      return `agent ${order.agent}`;
    case "merge":
      return `bead ${order.bead}`;
  }
};

/**
 * What is to be done with an order.
 * - `known`: it was taken before.
 * - `stale`: a run about the same thing with a larger fence has been seen.
 */
export type Admission = "new" | "known" | "stale";

/** The orders of one life: decides about each, and remembers it. */
export class Admissions {
  readonly #runs = new Set<string>();
  readonly #fences = new Map<string, number>();

  /** Whether the run was ever taken. */
  knows(runId: string): boolean {
    return this.#runs.has(runId);
  }

  admit(order: RunOrder): Admission {
    if (this.knows(order.runId)) return "known";
    const subject = subjectOf(order);
    if (order.fence <= (this.#fences.get(subject) ?? 0)) return "stale";
    this.#runs.add(order.runId);
    this.#fences.set(subject, order.fence);
    return "new";
  }
}
