import * as v from "valibot";
import type { Env } from "../env.ts";
import type { Charter } from "../lifecycle/vital.ts";
import type { OrphanFinding } from "../protocol/orphans.ts";
import type { Receipt as RoomReceipt } from "../lifecycle/receipt.ts";
import { TownId } from "../protocol/primitives.ts";
import { Refusal } from "../protocol/problem.ts";
import type { RoomRpc } from "../rooms/room.ts";
import { rooms } from "../rooms/rooms.ts";
import type { TownRpc } from "../rooms/town.ts";
import { awaitPurge } from "../town/container/purged.ts";
import { claim } from "./claim.ts";
import { d1Ledger, townIds } from "./ledger.ts";
import { examine, type Found } from "./orphans.ts";

/** Everything that has objects; only the first three may be looked at. */
const CLASSES = ["Town", "Agent", "User", "TownContainer"] as const;

/** The class that an object's id belongs to: each namespace knows its own. */
const classOf = (env: Env, id: string): (typeof CLASSES)[number] | null =>
  CLASSES.find((name) => {
    try {
      env[name].idFromString(id);
      return true;
    } catch {
      return false;
    }
  }) ?? null;

/** The towns of the ledger by their container object's id, as far as they are asked for. */
const townsOfContainers = async (env: Env, ids: readonly string[]): Promise<Map<string, TownId>> => {
  const wanted = new Set(ids.filter((id) => classOf(env, id) === "TownContainer"));
  const towns = new Map<string, TownId>();
  if (wanted.size === 0) return towns;
  for await (const town of townIds(env.LEDGER)) {
    const id = env.TownContainer.idFromName(town).toString();
    if (wanted.has(id)) towns.set(id, town);
    if (towns.size === wanted.size) break;
  }
  return towns;
};

const look = async <C extends Charter, R extends RoomReceipt>(room: Omit<RoomRpc<C, R>, "found">) => {
  const { vital, keys, tables } = await room.probe();
  return {
    vital,
    isEmpty: keys.length === 0 && tables.length === 0,
    charter: await room.charter(),
    destroy: (cause: string) => room.destroy({ cause }),
  };
};

const lookAtTown = async (town: TownRpc, name: string): Promise<Found> => {
  const looked = await look(town);
  return { kind: "Town", room: `Town ${looked.charter?.town ?? name}`, ...looked };
};

const lookAt = async (env: Env, id: string): Promise<Found | null> => {
  const kind = classOf(env, id);
  if (kind === null) return null;
  switch (kind) {
    case "Town":
      return lookAtTown(env.Town.get(env.Town.idFromString(id)), id);
    case "Agent": {
      const looked = await look(env.Agent.get(env.Agent.idFromString(id)));
      const { charter } = looked;
      return { kind, room: `Agent ${charter ? `${charter.town}.${charter.agent}` : id}`, ...looked };
    }
    case "User":
      return {
        kind,
        room: `User ${id}`,
        vital: (await env.User.get(env.User.idFromString(id)).probe()).vital,
      };
    case "TownContainer": {
      const container = env.TownContainer.get(env.TownContainer.idFromString(id));
      return {
        kind,
        room: `TownContainer ${id}`,
        whose: () => container.whose(),
        purge: () => awaitPurge(container.purge()),
      };
    }
  }
};

/**
 * Says of each id what it is the id of, and ends what nobody claims if `destroy` is set. An id is a
 * town's, or that of an object in the cloud's own list (64 hexadecimal digits). A container's object is
 * its town's: it is the town that is looked at, and ended.
 *
 * @throws Refusal `unavailable` when only the ledger could say whose a container's object is, and it can't
 */
export const examineOrphans = async (
  env: Env,
  ids: readonly string[],
  destroy: boolean,
): Promise<OrphanFinding[]> => {
  const containers = await townsOfContainers(env, ids).catch((error: unknown) => {
    console.error("orphans:", error);
    throw new Refusal("unavailable", "The ledger can't be reached.");
  });
  const ports = {
    ledger: d1Ledger(env.LEDGER),
    now: () => Date.now(),
    find: async (id: string): Promise<Found | null> => {
      const town = containers.get(id) ?? (v.is(TownId, id) ? id : null);
      return town === null ? lookAt(env, id) : lookAtTown(rooms(env).town(town), town);
    },
    claimedBy: async (owner: string, town: TownId) => {
      const located = claim(await rooms(env).user(owner).locate(town));
      return located === null || located.state === "gone" ? null : `${located.state}, of ${owner}`;
    },
    claimedByTown: async (town: TownId, agent: string) => {
      // It ends its agents itself, and answers to nobody any more.
      if ((await rooms(env).town(town).probe()).vital === "dying") return `of ${town}, which is closing`;
      const known = claim(await rooms(env).town(town).agent(agent));
      return known === null || known.status === "ended" ? null : `of ${town}`;
    },
  };
  const findings: OrphanFinding[] = [];
  for (const id of ids) findings.push(await examine(ports, id, destroy));
  return findings;
};
