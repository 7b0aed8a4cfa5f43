import { type Answer, problem, type Problem } from "../protocol/problem.ts";
import { receiptPath } from "../protocol/receipt.ts";
import type { Located } from "../rooms/user.ts";

/** A town's owner, as far as it is asked who may enter. */
export interface Gatekeeper {
  locate(town: string): Promise<Answer<Located | null>>;
}

/** Never existed, or somebody else's: the asker can't tell which. */
export const NO_SUCH_TOWN = problem("not-found", "You have no such town.");

/**
 * May this town be entered? What keeps its owner out, by what their room knows of it; `null`: nothing
 * does. HTTP, sockets and tools all ask here.
 */
export const keptOut = (town: string, located: Located | null): Problem | null => {
  switch (located?.state) {
    case undefined:
      return NO_SUCH_TOWN;
    case "founding":
      return problem("unavailable", "The town is still being founded. Try again soon.");
    case "closing":
      return problem("gone", `The town "${located.name}" is being closed.`, { receipt: receiptPath(town) });
    case "gone":
      return problem("gone", `The town "${located.name}" is gone.`, { receipt: receiptPath(town) });
    case "open":
      return null;
  }
};

/** Asks the owner's room, once, whether its town may be entered. `null`: it may. */
export const enter = async (owner: Gatekeeper, town: string): Promise<Problem | null> => {
  const located = await owner.locate(town);
  return located.ok ? keptOut(town, located.value) : located.problem;
};
