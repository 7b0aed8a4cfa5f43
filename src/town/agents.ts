import type { AgentRole } from "../protocol/agent.ts";
import type { AgentName } from "../protocol/primitives.ts";
import type { AgentCharter, TownCharter } from "./ports.ts";
import type { Tx } from "./tx.ts";

/** An agent's charter lives as long as a town's: far shorter than a tombstone. */
const CHARTER_MS = 3_600_000;

/**
 * Puts an agent on the roster. Before anything addresses its room: what is not on the roster can't be
 * found again when the town ends.
 */
export const enrol = (
  tx: Tx,
  charter: TownCharter,
  agent: { readonly name: AgentName; readonly role: AgentRole; readonly charterId: string },
): void => {
  const child: AgentCharter = {
    id: agent.charterId,
    issuedAt: tx.now,
    expiresAt: tx.now + CHARTER_MS,
    town: charter.town,
    agent: agent.name,
    role: agent.role,
  };
  tx.insert("agents", {
    name: agent.name,
    role: agent.role,
    charter: JSON.stringify(child),
    status: "idle",
    since: tx.now,
    seq: tx.stamp(),
  });
  tx.changes.agents.add(agent.name);
};

/** The charter to found an agent's room with, renewed if it has expired before it was used. */
export const charterOf = (tx: Tx, name: AgentName): AgentCharter | null => {
  const row = tx.agent(name);
  if (row === null) return null;
  const charter = JSON.parse(row.charter) as AgentCharter;
  if (charter.expiresAt > tx.now) return charter;
  const renewed = { ...charter, issuedAt: tx.now, expiresAt: tx.now + CHARTER_MS };
  tx.sql.run("UPDATE agents SET charter = ? WHERE name = ?", JSON.stringify(renewed), name);
  return renewed;
};

/** The next polecat: numbered, and a number is never given twice. */
export const mintPolecat = (tx: Tx, charter: TownCharter, charterId: string): AgentName => {
  tx.town.polecats += 1;
  const name: AgentName = `polecat-${tx.town.polecats}`;
  enrol(tx, charter, { name, role: "polecat", charterId });
  return name;
};

/** All processes are gone with a life of the container. */
export const loseProcesses = (tx: Tx): void => {
  const rows = tx.sql.all<{ name: AgentName }>(
    "SELECT name FROM agents WHERE status IN ('waiting', 'working')",
  );
  for (const { name } of rows)
    tx.setAgent(name, {
      status: "idle",
      run: null,
      process: null,
      process_life: null,
      since: tx.now,
    });
};
