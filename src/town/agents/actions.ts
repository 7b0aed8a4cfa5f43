import type { AgentRole } from "../../protocol/agent.ts";
import type { RuntimeOrder } from "../../protocol/container/order.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import type { AgentCharter } from "../../rooms/agent.ts";
import type { Tx } from "../tx.ts";
import { AGENTS, setAgent } from "./rows.ts";

/** An agent's charter lives as long as a town's: far shorter than a tombstone. */
const CHARTER_MS = 3_600_000;

/** What an agent has whose process is gone. */
const NO_PROCESS = { run: null, process: null, process_life: null } as const;

/**
 * Puts an agent on the roster. Before anything addresses its room: what is not on the roster can't be
 * found again when the town ends.
 */
export const enrol = (tx: Tx, name: AgentName, role: AgentRole): void => {
  const child: AgentCharter = {
    id: tx.world.newId(),
    issuedAt: tx.now,
    expiresAt: tx.now + CHARTER_MS,
    town: tx.world.charter.town,
    agent: name,
    role,
  };
  tx.add(AGENTS, { name, role, charter: JSON.stringify(child), status: "idle", since: tx.now });
};

/** The charter to found an agent's room with, renewed if it has expired before it was used. */
export const charterOf = (tx: Tx, name: AgentName): AgentCharter | null => {
  const row = tx.get(AGENTS, name);
  if (row === null) return null;
  const charter = JSON.parse(row.charter) as AgentCharter;
  if (charter.expiresAt > tx.now) return charter;
  const renewed = { ...charter, issuedAt: tx.now, expiresAt: tx.now + CHARTER_MS };
  setAgent(tx, name, { charter: JSON.stringify(renewed) });
  return renewed;
};

/** The next polecat: numbered, and a number is never given twice. */
export const mintPolecat = (tx: Tx): AgentName => {
  tx.town.polecats += 1;
  const name: AgentName = `polecat-${tx.town.polecats}`;
  enrol(tx, name, "polecat");
  return name;
};

/** The name of a process that nobody had before. */
export const nextProcess = (tx: Tx): string => {
  tx.town.processes += 1;
  return `p${tx.town.processes}`;
};

/** An agent begins a run in a process of its own or goes on in the one that it has. */
export const occupy = (
  tx: Tx,
  name: AgentName,
  by: {
    readonly run: number;
    readonly process: string;
    readonly runtime: RuntimeOrder;
    readonly bead: number | null;
  },
): void =>
  setAgent(tx, name, {
    status: "working",
    reason: null,
    run: by.run,
    bead: by.bead,
    process: by.process,
    process_life: tx.container.life,
    runtime: JSON.stringify(by.runtime),
    since: tx.now,
  });

/** A run of an agent is over, and its process with it, or it `waits` with the process for the next one. */
export const free = (
  tx: Tx,
  name: AgentName,
  run: number,
  given: { readonly reason: string | null; readonly keepsProcess: boolean },
): void => {
  const agent = tx.get(AGENTS, name);
  if (agent?.run !== run) return;
  // A polecat's process ends with its bead; the mayor's waits for the next message.
  const waits = given.keepsProcess && agent.role === "mayor" && agent.process !== null;
  setAgent(tx, name, {
    status: waits ? "waiting" : "idle",
    reason: given.reason,
    ...(waits ? { run: null } : NO_PROCESS),
    since: tx.now,
  });
};

/** A process that had nothing to do is gone. A live run's own result says how that ended. */
export const loseProcess = (tx: Tx, name: AgentName, process: string, reason: string | null): void => {
  const agent = tx.get(AGENTS, name);
  if (agent === null || agent.process !== process || agent.run !== null) return;
  setAgent(tx, name, { status: "idle", ...NO_PROCESS, reason, since: tx.now });
};

/** All processes are gone with a life of the container. */
export const loseProcesses = (tx: Tx): void => {
  const rows = tx.sql.all<{ name: AgentName }>(
    "SELECT name FROM agents WHERE status IN ('waiting', 'working')",
  );
  for (const { name } of rows) setAgent(tx, name, { status: "idle", ...NO_PROCESS, since: tx.now });
};

/** A run of an agent failed for good: it is seen on the agent, too. */
export const failAgent = (tx: Tx, name: AgentName | null, reason: string): void => {
  if (name !== null && tx.get(AGENTS, name) !== null)
    setAgent(tx, name, { status: "failed", reason, since: tx.now });
};

/** An agent has no more work in this town: nothing of it runs any more. Its room is ended by `endRoom`. */
export const retire = (tx: Tx, name: AgentName): void =>
  setAgent(tx, name, { status: "idle", ...NO_PROCESS, since: tx.now });
