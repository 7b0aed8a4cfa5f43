import { nextStep } from "../lifecycle/finalizer.ts";
import type { Town, Wake } from "../protocol/town.ts";
import { NO_USAGE } from "../protocol/usage.ts";
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
export const closingTown = (id: string, located: Closing): Town => ({
  id,
  name: located.name,
  state: "closing",
  foundedAt: located.foundedAt,
  container: {
    state: "stopping",
    life: 0,
    since: located.receipt.startedAt,
    why: whyClosing(located),
    sleepsAt: null,
    lastExit: null,
    touches: [],
  },
  wake: wakeOf(located),
  agents: { working: 0, waiting: 0, total: located.receipt.agents },
  beads: { open: 0, closed: 0, failed: 0 },
  settings: {
    runtime: "auto",
    model: null,
    modelFromEnvironment: false,
    sleepAfterMs: 0,
    caps: { polecats: 0, tokens: null },
  },
  usage: NO_USAGE,
  seq: 0,
});
