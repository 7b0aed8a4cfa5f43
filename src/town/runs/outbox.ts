import type { RunId } from "../../protocol/primitives.ts";
import { isUp } from "../container/rules.ts";
import { touch } from "../container/touches.ts";
import type { OutboxKind } from "../outbox/kind.ts";
import { readContainer } from "../tx.ts";

/** The cancellation of a run, for the container's life that it was given to: with that it is pointless. */
export const cancelOrder: OutboxKind<{
  readonly life: number;
  readonly run: RunId;
  readonly fence: number;
}> = {
  kind: "cancel-run",
  lane: "container",
  idOf: ({ run }) => `cancel-run:${run}`,
  deliver: async ({ life, run, fence }, { ports, commit }) => {
    const now = readContainer(ports.kv);
    if (now.life !== life || !isUp(now)) return true;
    commit((tx) => touch(tx, "cancel"));
    await ports.container.cancel(life, run, fence);
    return true;
  },
};
