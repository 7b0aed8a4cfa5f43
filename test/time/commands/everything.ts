import { room } from "../../rooms/rooms.ts";
import { stored } from "../../rooms/stored.ts";
import type { TownModel } from "./model.ts";
import type { World } from "./world.ts";

/** All that is stored about a town anywhere but in the ledger, and what its machine did, as text. */
export const everything = async ({ id, agents }: TownModel, world: World): Promise<string> =>
  JSON.stringify({
    town: await stored(room.town(id)),
    agents: await Promise.all([...agents.keys()].map((name) => stored(room.agent(id, name)))),
    // A container's object that was never there would be made by the look.
    container: world.containers.has(id) ? await containerOf(id) : null,
    owner: await stored(room.user("owner")),
    stays: world.place(id).machine.stays,
  });

/**
 * Without its alarm, which the library sets at every touch, and the note of lives that were asked to end: asking
 * for the end of one that has ended is noted, and comes to nothing.
 */
const containerOf = async (id: string): Promise<unknown> => {
  const { keys, tables } = await stored(room.container(id));
  return { keys: (keys as [string, unknown][]).filter(([name]) => name !== "over"), tables };
};

const AROUND = 300;

/** The places at which two texts begin to differ. */
export const difference = (before: string, after: string): string => {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const from = Math.max(0, at - AROUND);
  return `${before.slice(from, at + AROUND)}\n  to ${after.slice(from, at + AROUND)}`;
};
