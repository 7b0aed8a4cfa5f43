import { readConfig } from "../config.ts";
import type { Env } from "../env.ts";
import { rooms } from "../rooms/rooms.ts";
import { inBatches } from "../in-batches.ts";
import { problem, type Answer } from "../protocol/problem.ts";
import { agentNames } from "../town/agents/names.ts";
import { claim } from "./claim.ts";
import { d1Ledger } from "./ledger.ts";
import { runSweep, type Swept } from "./sweep.ts";

/** Towns looked at a run: a cron run must end, and a fault must not become a massacre. */
const CAP = 50;
const ROOMS_AT_ONCE = 20;

/** The sweep over the real rooms and the real ledger. */
export const sweep = async (env: Env): Promise<Answer<Swept>> => {
  try {
    const swept = await runSweep({
      ledger: d1Ledger(env.LEDGER),
      now: () => Date.now(),
      graceMs: readConfig(env).sweepGraceMs,
      cap: CAP,
      claimed: async (row) => claim(await rooms(env).user(row.owner).locate(row.id)),
      close: async (row) => {
        const closed = await rooms(env).user(row.owner).closeTown(row.id, "swept");
        if (!closed.ok) throw new Error(closed.problem.detail);
      },
      destroy: (row) => rooms(env).town(row.id).destroy({ cause: "swept: nobody claims it" }),
      forget: async (row, goneBefore) => {
        const all = [
          ...agentNames(row.agents).map((agent) => rooms(env).agent(row.id, agent)),
          rooms(env).town(row.id),
        ];
        await inBatches(all, ROOMS_AT_ONCE, async (room) => {
          if (!(await room.forget(goneBefore)))
            throw new Error("the ledger says that it is long gone, its rooms do not");
        });
      },
    });
    return { ok: true, value: swept };
  } catch (error) {
    console.error("sweep:", error);
    return { ok: false, problem: problem("unavailable", "The ledger can't be reached.") };
  }
};
