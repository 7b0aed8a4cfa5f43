import type { Curfew } from "../support/curfew.ts";
import type { Answer } from "./make/town.ts";

/** All that an instance says over HTTP of what it has, as it says it. */
export interface Inventory {
  /** The owner's list. */
  readonly towns: Answer[];
  /** What only an open town says, by its id. */
  readonly open: Record<string, Answer>;
  /** By the ids of towns that are closing or gone. */
  readonly receipts: Record<string, Answer>;
}

const read = async (curfew: Curfew, path: string): Promise<Answer> => {
  const { status, body } = await curfew.api(`GET`, path);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body;
};

const openTown = async (curfew: Curfew, town: string): Promise<Answer> => {
  const get = (path: string): Promise<Answer> => read(curfew, `/api/towns/${town}${path}`);
  // The version before has no pages, and takes no notice of what they are asked with.
  const all = (path: string): Promise<Answer> => get(`${path}?limit=200`);
  const { beads } = await all("/beads");
  const { agents } = await all("/agents");
  /** In the order in which they ran, each with its output. */
  const gatesOf = async (bead: string): Promise<Answer[]> => {
    const { gates, next } = await all(`/beads/${bead}/gates`);
    if (next === undefined) return gates;
    const ofLastRun = gates.filter(({ run }: Answer) => run === gates[0].run).toReversed();
    return Promise.all(ofLastRun.map(({ id }: Answer) => get(`/beads/${bead}/gates/${id}`)));
  };
  /** Oldest first. */
  const runsOf = async (bead: string): Promise<Answer[]> => {
    const { runs, next } = await all(`/beads/${bead}/runs`);
    return next === undefined ? runs : runs.toReversed();
  };
  return {
    town: await get(""),
    rigs: (await all("/rigs")).rigs,
    activity: (await all("/activity")).activity,
    beads: await Promise.all(
      beads.map(async ({ id }: Answer) => ({
        ...(await get(`/beads/${id}`)),
        diff: (await get(`/beads/${id}/diff`)).diff,
        gates: await gatesOf(id),
        runs: await runsOf(id),
      })),
    ),
    agents: await Promise.all(
      agents.map(async (agent: Answer) => ({
        ...agent,
        // A room that has ended tells nothing any more.
        entries: (await all(`/agents/${agent.name}/transcript`).catch(() => ({ entries: null }))).entries,
      })),
    ),
  };
};

/** @param ended the ids of towns that are closing or gone */
export const takeInventory = async (curfew: Curfew, ended: readonly string[] = []): Promise<Inventory> => {
  const { towns } = await read(curfew, "/api/towns");
  const inventory: Inventory = { towns, open: {}, receipts: {} };
  for (const { id, state } of towns) if (state === "open") inventory.open[id] = await openTown(curfew, id);
  for (const id of ended) inventory.receipts[id] = await read(curfew, `/api/towns/${id}/receipt`);
  return inventory;
};
