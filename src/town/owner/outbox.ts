import type { TownSummary } from "../../protocol/town.ts";
import { owe } from "../outbox/actions.ts";
import type { OutboxKind } from "../outbox/kind.ts";
import { isHeard } from "../outbox/peer.ts";
import { readTown, type Tx } from "../tx.ts";

/** What the owner's list shows of the town. It is told as it is then, however often it changed meanwhile. */
export const tellOwner: OutboxKind<null> = {
  kind: "tell-owner",
  lane: "peers",
  idOf: () => "tell-owner",
  deliver: async (_, { ports }) =>
    isHeard(await ports.owner.tell(JSON.parse(readTown(ports.kv).toldOwner) as Summary)),
};

type Summary = Omit<TownSummary, "seq" | "state">;

/** The owner's list is told when what it shows has changed. */
export const noteSummary = (
  tx: Tx,
  standing: { readonly working: number; readonly needsYou: boolean },
): void => {
  const { charter } = tx.world;
  const summary: Summary = {
    id: charter.town,
    name: tx.town.name,
    foundedAt: tx.town.foundedAt,
    container: tx.container.state,
    working: standing.working,
    needsYou: standing.needsYou,
  };
  const told = JSON.stringify(summary);
  if (told === tx.town.toldOwner) return;
  tx.town.toldOwner = told;
  owe(tx, tellOwner, null);
};
