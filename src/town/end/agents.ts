import { count } from "../../count.ts";
import { withDeadline } from "../../deadline.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import type { Kv, Sql } from "../../sql.ts";
import { endOfTown, rosterOf, strikeOff, type RosterEntry } from "./known.ts";

/** What the end of a dying town's agents needs. */
export interface AgentsEndPorts {
  readonly sql: Sql;
  readonly kv: Kv;
  /** Ends the agent's room; whether it is gone. */
  readonly destroy: (agent: AgentName) => Promise<boolean>;
}

/** Agents that are ended at once. */
const AT_ONCE = 20;
/** An agent that doesn't confirm its end in this time is asked again by the next try. */
const AGENT_MS = 15_000;

/**
 * Ends every agent on the roster, and strikes off who confirms. To the end of the roster, whatever fails: an
 * agent that can't be ended holds up none that can.
 *
 * @returns how many there ever were
 * @throws what the first one that is not gone waits for
 */
export const endAgents = async (ports: AgentsEndPorts): Promise<string> => {
  const { sql, kv, destroy } = ports;
  const end = async ({ name }: RosterEntry): Promise<void> => {
    if (!(await withDeadline(destroy(name), AGENT_MS))) throw new Error(`${name} is still closing`);
    strikeOff(sql, name);
  };
  let failed: PromiseRejectedResult | undefined;
  for (let after = ""; ;) {
    const roster = rosterOf(sql, after, AT_ONCE);
    const last = roster.at(-1);
    if (last === undefined) break;
    const ended = await Promise.allSettled(roster.map(end));
    failed ??= ended.find((result) => result.status === "rejected");
    after = last.name;
  }
  if (failed) throw failed.reason;
  return count(endOfTown(sql, kv).agents, "agent");
};
