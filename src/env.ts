import type { DurationName } from "./config.ts";
import type { AgentRpc } from "./rooms/agent.ts";
import type { ContainerRpc } from "./rooms/container.ts";
import type { TownRpc } from "./rooms/town.ts";
import type { UserRpc } from "./rooms/user.ts";

/**
 * The objects of one class, as the platform binds them, and what they speak. A stub that saw its object
 * reset stays broken, so none is kept.
 */
export interface Objects<Rpc> {
  getByName(name: string): Rpc;
  get(id: DurableObjectId): Rpc;
  idFromName(name: string): DurableObjectId;
  /** @throws TypeError for the id of an object of another class */
  idFromString(id: string): DurableObjectId;
}

/** What wrangler binds, and the settings of an instance. */
export interface Env extends Readonly<Partial<Record<DurationName, string>>> {
  readonly User: Objects<UserRpc>;
  readonly Town: Objects<TownRpc>;
  readonly Agent: Objects<AgentRpc>;
  readonly TownContainer: Objects<ContainerRpc>;
  readonly LEDGER: D1Database;
  readonly ASSETS: Fetcher;

  /** The owner's token: who has it, owns the instance. */
  readonly CURFEW_TOKEN: string;
  /** Signs the tokens of processes and, with the owner's token, sessions. */
  readonly CURFEW_SECRET: string;
  /** How containers reach the Worker, where that isn't the address it is served at. */
  readonly CURFEW_URL?: string;
  readonly CURFEW_ENGINE?: string;

  /** The model of towns that have none of their own. */
  readonly CURFEW_MODEL_BASE_URL?: string;
  readonly CURFEW_MODEL?: string;
  readonly CURFEW_MODEL_KEY?: string;
}
