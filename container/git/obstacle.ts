import { inTheWay } from "./in-the-way.ts";
import type { Session } from "./session.ts";
import { notClean, workingCopies } from "./working-copies.ts";

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
 * Whose work on this machine a push of the change would touch: the folder, why, and what to do.
 * `null` if nobody's, as for any repository that isn't on this machine.
 */
export const obstacle = async (session: Session, change: Change): Promise<string | null> => {
  for (const copy of await workingCopies(session, change.target)) {
    const reason = (await notClean(session, copy, change.target)) ?? (await inTheWay(session, copy, change));
    if (reason !== null) return reason;
  }
  return null;
};
