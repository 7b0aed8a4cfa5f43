import type { DurationName } from "./config.ts";
import type { AgentRpc, TownRpc, UserRpc } from "./rpc.ts";

/** What wrangler binds, and the settings of an instance. */
export interface Env extends Readonly<Partial<Record<DurationName, string>>> {
  readonly User: DurableObjectNamespace;
  readonly Town: DurableObjectNamespace;
  readonly Agent: DurableObjectNamespace;
  readonly TownContainer: DurableObjectNamespace;
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

/**
 * The rooms by name. Each use gives a new stub: one that saw its room reset stays broken.
 * The rooms import from here and not the other way, so the namespaces can't name their classes;
 * this is the one place that says what they speak.
 */
export const rooms = (env: Pick<Env, "User" | "Town" | "Agent">) => ({
  user: (user: string) => env.User.getByName(user) as unknown as UserRpc,
  town: (town: string) => env.Town.getByName(town) as unknown as TownRpc,
  agent: (town: string, agent: string) => env.Agent.getByName(`${town}.${agent}`) as unknown as AgentRpc,
});
export type Rooms = ReturnType<typeof rooms>;
