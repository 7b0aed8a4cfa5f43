import * as v from "valibot";
import { plainLine } from "../../src/protocol/text.ts";
import { endingOf, whyEnded } from "./ending.ts";

/** How a run that did not come to its own end is reported. */
export type Broken =
  | { readonly outcome: "cancelled" }
  | { readonly outcome: "failed"; readonly reason: string; readonly again: boolean };

const WithAgain = v.object({ again: v.boolean() });

/** What an error says about trying again; those that say nothing are no fault of the work. */
const again = (error: unknown): boolean => {
  const read = v.safeParse(WithAgain, error);
  return read.success ? read.output.again : true;
};

/**
 * @param signal the run's: if it was aborted, that is the reason, whatever the error says
 * @returns `null` for a run that is lost with the container
 */
export const broken = (error: unknown, signal: AbortSignal, maxMs: number): Broken | null => {
  const ending = endingOf(signal);
  if (ending === "stopping") return null;
  if (ending) {
    const reason = whyEnded(ending, maxMs);
    return reason === null ? { outcome: "cancelled" } : { outcome: "failed", reason, again: true };
  }
  const reason = plainLine(error instanceof Error ? error.message : String(error));
  return { outcome: "failed", reason, again: again(error) };
};
