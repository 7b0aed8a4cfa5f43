import type { Config } from "../config.ts";
import type { AgentRole } from "../protocol/agent.ts";
import type { RunOrder } from "../protocol/container/order.ts";
import type { AgentName, RunId } from "../protocol/primitives.ts";
import type { Answer } from "../protocol/problem.ts";
import type { TownSummary } from "../protocol/town.ts";
import type { AgentCharter, AgentWord } from "../rooms/agent.ts";
import type { ContainerTruth, Ordered } from "../rooms/container.ts";
import type { TownCharter } from "../rooms/town.ts";
import type { Kv, Sql } from "../sql.ts";

/**
 * The one door to the container. Only the reconciler calls it, and it writes down what and why before.
 * Every call carries the life it is meant for: a command for a life that is over starts nothing.
 */
export interface ContainerPort {
  /** Makes sure that `life` runs, then hands over the order. Rejects if it is unknown whether it did. */
  order(life: number, order: RunOrder): Promise<Ordered>;
  cancel(life: number, run: RunId, fence: number): Promise<void>;
  /** SIGTERM; the end is told by `containerStopped`. */
  stop(life: number): Promise<ContainerTruth>;
  /** SIGKILL, and the truth after it. */
  kill(life: number): Promise<ContainerTruth>;
}

export interface AgentsPort {
  found(charter: AgentCharter): Promise<Answer<null>>;
  tell(agent: AgentName, word: AgentWord): Promise<Answer<null>>;
  /** Ends the agent's room; whether it is gone. */
  destroy(agent: AgentName, cause: string): Promise<boolean>;
  /** What was said, oldest first, 40 entries and 24,000 characters at most. */
  history(agent: AgentName): Promise<Answer<{ from: "user" | "agent"; text: string }[]>>;
}

export interface OwnerPort {
  tell(summary: Omit<TownSummary, "seq" | "state">): Promise<Answer<null>>;
}

/** The container's own socket, as the Town sees it. */
export interface LinkPort {
  /** Time of the last ping on an open socket of this life; `null`: no such socket. */
  lastPingAt(life: number): number | null;
  /** Sends to the container's socket, if it is there. */
  send(text: string): void;
  /** Closes the container's socket with a final code: that life is over. */
  close(code: number, reason: string): void;
}

export interface ModelSettings {
  readonly baseUrl: string;
  readonly model: string;
  readonly key: string | null;
}

/** All that a town needs of the world. */
export interface TownPorts {
  readonly sql: Sql;
  readonly kv: Kv;
  /** Runs `work` in a transaction. @throws RoomGone when the room is no longer alive */
  transaction<T>(work: () => T): T;
  readonly now: () => number;
  /** A new random id, URL-safe, 20 characters. */
  readonly newId: () => string;
  readonly charter: TownCharter;
  readonly config: Config;
  /** The instance's model, used where a town has none of its own. */
  readonly defaultModel: ModelSettings | null;
  /** Whether rigs may be paths on this machine. */
  readonly localPaths: boolean;
  readonly container: ContainerPort;
  readonly agents: AgentsPort;
  readonly owner: OwnerPort;
  readonly link: LinkPort;
  /** A bearer token for an agent's process. */
  mintToken(agent: AgentName, role: AgentRole, process: string): Promise<string>;
  /** Sets or deletes the room's alarm. */
  arm(at: number | null): void;
  /** Lets work go on after the answer. */
  background(work: Promise<void>): void;
  readonly viewers: { any(): boolean; send(text: string): void };
}
