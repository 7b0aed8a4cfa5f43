import type * as v from "valibot";
import type { CheckOrder } from "../../src/protocol/container/order.ts";
import type { CheckResult } from "../../src/protocol/container/town-up.ts";
import type { GitWork } from "../git/git-work.ts";
import { endingOf, whyEnded } from "./ending.ts";

/** Looks at a rig's repository. @returns `null` if the run is lost with the container */
export const carryOutCheck = async (
  order: v.InferOutput<typeof CheckOrder>,
  git: Pick<GitWork, "check">,
  signal: AbortSignal,
): Promise<CheckResult | null> => {
  const result = await git.check(order.rig, signal);
  const ending = endingOf(signal);
  if (result.outcome === "ready" || ending === null) return result;
  if (ending === "stopping") return null;
  return { outcome: "failed", reason: whyEnded(ending, order.maxMs) ?? "The check was cancelled." };
};
