import type { AgentRole, AgentStatus } from "../../protocol/agent.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { Refusal } from "../../protocol/problem.ts";
import type { UsageColumns, UsageDefaults } from "../money/usage.ts";
import { shownTable } from "../table.ts";
import type { Tx } from "../tx.ts";

/** One line of the roster. No row ever leaves it, so that no name is given twice. */
export interface AgentRow extends UsageColumns {
  name: AgentName;
  role: AgentRole;
  /** The charter that its room is founded with, as JSON. */
  charter: string;
  /** 1: its room has been founded. */
  founded: number;
  status: AgentStatus;
  reason: string | null;
  bead: number | null;
  run: number | null;
  process: string | null;
  /** The container's life in which its process was started. */
  process_life: number | null;
  /** What its process was started with, as JSON. */
  runtime: string | null;
  /** The place of the last message that was taken from its room. */
  taken: number;
  since: number;
  seq: number;
}

export const AGENTS = shownTable<AgentRow, "founded" | "taken" | UsageDefaults>()("agents", "name");

/** An agent that is on the roster. @throws Refusal `not-found` */
export const requireAgent = (tx: Tx, name: string): AgentRow => {
  const agent = tx.get(AGENTS, name);
  if (agent === null) throw new Refusal("not-found", `This town has no agent "${name}".`);
  return agent;
};
