import { nextStep } from "../lifecycle/finalizer.ts";
import { receiptPath } from "../protocol/receipt.ts";
import type { ClosingTown, Wake } from "../protocol/town.ts";
import type { Located } from "../rooms/user.ts";

type Closing = Extract<Located, { state: "closing" | "gone" }>;

/** What the town's own end waits for; else what keeps its owner's room from asking for it. */
const whyClosing = ({ receipt, waitsFor }: Closing): string => {
  const step = receipt.finalizers.find((step) => step.state === "due" && step.reason);
  if (step) return `Closing; waits for ${step.name}: ${step.reason}`;
  return waitsFor === undefined ? "Closing." : `Closing. The last try failed: ${waitsFor}`;
};

/** When the town goes on by itself, as it last said; `null` before it has said anything of its end. */
const wakeOf = ({ receipt: { finalizers } }: Closing): Wake | null => {
  if (finalizers.every((step) => step.state === "done")) return null;
  const next = nextStep(finalizers, Number.NEGATIVE_INFINITY);
  return next.kind === "wait" ? { at: next.at, why: "the town is closing" } : null;
};

/**
 * A closing town as its owner's room knows it: the town itself answers to nobody any more, and asking
 * its container would be a touch.
 */
export const closingTown = (id: string, located: Closing): ClosingTown => ({
  id,
  name: located.name,
  state: "closing",
  foundedAt: located.foundedAt,
  container: { state: "stopping", why: whyClosing(located), sleepsAt: null },
  wake: wakeOf(located),
  agents: { total: located.receipt.agents },
  receipt: receiptPath(id),
});
