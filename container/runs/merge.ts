import type { MergeOrder } from "../../src/protocol/container/order.ts";
import type { MergeResult, TownEvent } from "../../src/protocol/container/town-up.ts";
import type { Intent, OfRun } from "../link/town-link.ts";
import { endingOf } from "./ending.ts";
import { broken } from "./failure.ts";
import type { GitWork } from "../git/git-work.ts";

/** What a merge needs of the line to the Town. */
export interface MergeVoice {
  send(event: TownEvent): void;
  intend(run: OfRun, intent: Intent, signal: AbortSignal): Promise<void>;
}

/**
 * Merges a bead's commit: gates are told as they end, and nothing is pushed that isn't recorded.
 *
 * @returns `null` if the run is lost with the container
 */
export const carryOutMerge = async (
  order: MergeOrder,
  git: Pick<GitWork, "merge">,
  voice: MergeVoice,
  signal: AbortSignal,
): Promise<MergeResult | null> => {
  const run: OfRun = { runId: order.runId, fence: order.fence };
  const result = await git.merge(
    order,
    {
      gate: (gate) => voice.send({ type: "gate", ...run, result: gate }),
      intent: (intent) => voice.intend(run, intent, signal),
    },
    signal,
  );
  // What stops the container may have ended git or a gate first.
  if (result.outcome !== "merged" && endingOf(signal) === "stopping") return null;
  // Git only knows that it was interrupted, not by what.
  return result.outcome === "cancelled" ? broken(null, signal, order.maxMs) : result;
};
