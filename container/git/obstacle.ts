import { inTheWay } from "./in-the-way.ts";
import type { Session } from "./session.ts";
import { notClean, type WorkingCopy } from "./working-copies.ts";

/** A merge commit that is ready to be pushed. */
export interface Change {
  /** A repository of our own that has it. */
  readonly repository: string;
  readonly onto: string;
  readonly commit: string;
  /** The branch that it is for. */
  readonly target: string;
}

/**
 * Whose work a push of the change would touch, of those who have its branch checked out: the folder,
 * why, and what to do. `null` if nobody's.
 */
export const obstacle = async (
  session: Session,
  change: Change,
  copies: readonly WorkingCopy[],
): Promise<string | null> => {
  for (const copy of copies) {
    const reason = (await notClean(session, copy, change.target)) ?? (await inTheWay(session, copy, change));
    if (reason !== null) return reason;
  }
  return null;
};
