import type { AgentRole, AgentStatus } from "../../protocol/agent.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { Refusal } from "../../protocol/problem.ts";
import { move } from "../counts/rows.ts";
import type { UsageColumns, UsageDefaults } from "../money/usage.ts";
import { shownTable, type Patch } from "../table.ts";
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

/** Pages and lists have only agents whose room has been founded. */
const countedAs = (agent: Pick<AgentRow, "founded" | "status">): AgentStatus | null =>
  agent.founded === 1 ? agent.status : null;

/** The one place where an agent's status changes: what is counted of agents follows from it. */
export const setAgent = (tx: Tx, name: AgentName, patch: Patch<AgentRow>): void => {
  const before = patch.status === undefined && patch.founded === undefined ? null : tx.get(AGENTS, name);
  tx.set(AGENTS, name, patch);
  if (before !== null) move(tx.town.counts.agents, countedAs(before), countedAs({ ...before, ...patch }));
};

/** A bead has ended: who was on it no longer is. */
export const leaveBead = (tx: Tx, name: AgentName | null, bead: number): void => {
  if (name !== null && tx.get(AGENTS, name)?.bead === bead) tx.set(AGENTS, name, { bead: null });
};

/** An agent that is on the roster. @throws Refusal `not-found` */
export const requireAgent = (tx: Tx, name: string): AgentRow => {
  const agent = tx.get(AGENTS, name);
  if (agent === null) throw new Refusal("not-found", `This town has no agent "${name}".`);
  return agent;
};
