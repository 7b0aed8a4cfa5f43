import type { BeadStatus } from "../../protocol/bead.ts";

/** Where a bead stands, as its row has it. */
export interface Standing {
  readonly status: BeadStatus;
  /** 1: a person must act before it goes on. */
  readonly held: number;
}

/** Whether nothing will ever be done to it again. */
export const hasEnded = ({ status }: Pick<Standing, "status">): boolean =>
  status === "closed" || status === "cancelled";

/** Whether it waits for a person. */
export const needsPerson = (bead: Standing): boolean =>
  bead.status === "failed" || (bead.held === 1 && !hasEnded(bead));
