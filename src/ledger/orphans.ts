import { withDeadline } from "../deadline.ts";
import type { Receipt } from "../protocol/receipt.ts";
import type { Vital } from "../lifecycle/vital.ts";
import type { OrphanFinding } from "../protocol/orphans.ts";
import type { TownId } from "../protocol/primitives.ts";
import type { AgentCharter } from "../rooms/agent.ts";
import type { TownCharter } from "../rooms/town.ts";
import type { Ledger } from "./ledger.ts";

interface FoundRoom<K extends string, C, R> {
  readonly kind: K;
  readonly room: string;
  readonly vital: Vital["state"];
  readonly isEmpty: boolean;
  readonly charter: C | null;
  destroy(cause: string): Promise<R>;
}

/** A room as an id leads to it, looked at without waking or creating anything. */
export type Found =
  | FoundRoom<"Town", TownCharter, Receipt>
  | FoundRoom<"Agent", AgentCharter, Pick<Receipt, "state">>
  | { readonly kind: "User"; readonly room: string; readonly vital: Vital["state"] }
  /** A container's object, of a town that the ledger doesn't know: any look at it writes, `whose` too. */
  | {
      readonly kind: "TownContainer";
      readonly room: string;
      whose(): Promise<TownId | null>;
      purge(): Promise<void>;
    };

export interface OrphanPorts {
  readonly ledger: Pick<Ledger, "put">;
  now(): number;
  /** `null`: no id of a room of this Curfew. */
  find(id: string): Promise<Found | null>;
  /** What the owner says of a town; `null`: not theirs, or there is no such owner. */
  claimedBy(owner: string, town: TownId): Promise<string | null>;
  /** What a town says of an agent; `null`: not on its roster, or there is no such town. */
  claimedByTown(town: TownId, agent: string): Promise<string | null>;
}

const CAUSE = "swept: nobody claims it";
/** An end that takes longer goes on by itself, and the next look tells how far it is. */
const END_MS = 15_000;

/**
 * Looks at ids of which somebody suspects that nobody knows them any more, and ends those that nobody
 * claims, if that is wanted. What is claimed is never ended here: its owner has a way to do that.
 */
export const examine = async (ports: OrphanPorts, id: string, destroy: boolean): Promise<OrphanFinding> => {
  try {
    const there = await ports.find(id);
    if (there === null)
      return { id, room: "", standing: "unknown", detail: "no id of a room of this Curfew", ended: null };
    const found = destroy ? await townIfItLives(ports, there) : there;
    const { room } = found;
    const { standing, detail } = await judge(ports, found);
    const ended = destroy && standing === "unclaimed" ? await withDeadline(end(ports, found), END_MS) : null;
    return { id, room, standing, detail, ended };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { id, room: "", standing: "unknown", detail: detail.slice(0, 300), ended: null };
  }
};

/**
 * What is looked at before a container's object is purged, which would be for good: its town, if that
 * lives though the ledger doesn't know it.
 */
const townIfItLives = async (ports: OrphanPorts, found: Found): Promise<Found> => {
  if (found.kind !== "TownContainer") return found;
  const town = await found.whose();
  const its = town === null ? null : await ports.find(town);
  return its?.kind === "Town" && (its.vital === "alive" || its.vital === "dying") ? its : found;
};

type Judged = Pick<OrphanFinding, "standing" | "detail">;

const judge = async (ports: OrphanPorts, found: Found): Promise<Judged> => {
  if (found.kind === "TownContainer")
    return { standing: "unclaimed", detail: "a container's object of no town that the ledger knows" };
  switch (found.vital) {
    case "dead":
      return { standing: "tombstone", detail: "gone" };
    case "unborn":
      return found.kind === "User" || found.isEmpty
        ? { standing: "nothing", detail: "nothing is stored there" }
        : { standing: "unclaimed", detail: "something is stored there that no room made" };
    case "alive":
    case "dying": {
      const claim = await claimOf(ports, found);
      return claim === null
        ? { standing: "unclaimed", detail: `${found.vital}, and nobody claims it` }
        : { standing: "claimed", detail: `${found.vital}; ${claim}` };
    }
  }
};

const claimOf = async (
  ports: OrphanPorts,
  found: Exclude<Found, { kind: "TownContainer" }>,
): Promise<string | null> => {
  switch (found.kind) {
    case "User":
      return "a person's account";
    case "Town":
      return found.charter && ports.claimedBy(found.charter.owner, found.charter.town);
    case "Agent":
      return found.charter && ports.claimedByTown(found.charter.town, found.charter.agent);
  }
};

const end = async (ports: OrphanPorts, found: Found): Promise<Receipt["state"] | null> => {
  switch (found.kind) {
    case "User":
      return null;
    case "TownContainer": {
      const town = await found.whose();
      await found.purge();
      // The mark that it leaves is listed for ever: so that the next look knows whose it is.
      if (town !== null)
        await ports.ledger.put({ id: town, owner: "", name: "", state: "gone", changedAt: ports.now() });
      return "gone";
    }
    case "Agent":
      return (await found.destroy(CAUSE)).state;
    case "Town": {
      if (found.charter === null) return (await found.destroy(CAUSE)).state;
      const { town: id, owner, name } = found.charter;
      // First, so that the next sweep sees to what is left should this be cut off.
      await ports.ledger.put({ id, owner, name, state: "closing", changedAt: ports.now() });
      const receipt = await found.destroy(CAUSE);
      await ports.ledger.put({ id, owner, name, state: receipt.state, changedAt: ports.now() }, receipt);
      return receipt.state;
    }
  }
};
