import { mint } from "../../src/auth/token.ts";
import { readConfig } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import type { AgentName, TownId } from "../../src/protocol/primitives.ts";
import { containerOf } from "../../src/rooms/container-of.ts";
import type { Life } from "../../src/rooms/container.ts";
import { rooms } from "../../src/rooms/rooms.ts";
import type { TownCharter } from "../../src/rooms/town.ts";
import type { ModelSettings, TownPorts } from "../../src/town/ports.ts";
import { newId } from "./new-id.ts";

/** What of its ports a town has of the instance and of the rooms around it. */
type TownPeers = Pick<
  TownPorts,
  | "now"
  | "newId"
  | "charter"
  | "config"
  | "defaultModel"
  | "localPaths"
  | "container"
  | "agents"
  | "owner"
  | "mintToken"
>;

export const townPeers = (env: Env, charter: TownCharter): TownPeers => {
  const { town, owner } = charter;
  const config = readConfig(env);
  const container = () => containerOf(env, town);
  const start = async (life: number): Promise<Life> => ({
    life,
    env: {
      CURFEW_URL: env.CURFEW_URL ?? "",
      CURFEW_TOWN: town,
      CURFEW_LIFE: String(life),
      CURFEW_BLOCK_LIMIT: `${config.blockLimitMs}ms`,
      CURFEW_LEASE: `${config.leaseMs}ms`,
      CURFEW_TOKEN: await mint(env.CURFEW_SECRET, { kind: "container", town, life }),
    },
  });
  return {
    now: () => Date.now(),
    newId,
    charter,
    config,
    defaultModel: defaultModel(env),
    localPaths: env.CURFEW_ENGINE === "process",
    container: {
      order: async (life, order) => container().order(await start(life), order),
      cancel: (life, run, fence) => container().cancelRun(life, run, fence),
      stop: (life) => container().halt(life),
      kill: (life) => container().kill(life),
    },
    agents: {
      found: (child) => rooms(env).agent(town, child.agent).found(child),
      tell: (agent, word) => rooms(env).agent(town, agent).told(word),
      destroy: (agent, cause) => destroyAgent(env, town, agent, cause),
      history: (agent) => rooms(env).agent(town, agent).history(),
    },
    owner: { tell: (summary) => rooms(env).user(owner).noteSummary(summary) },
    mintToken: (agent, role, process) =>
      mint(env.CURFEW_SECRET, { kind: "agent", town, agent, role, process }),
  };
};

/** Ends an agent's room; whether it is gone. */
export const destroyAgent = async (
  env: Env,
  town: TownId,
  agent: AgentName,
  cause: string,
): Promise<boolean> => (await rooms(env).agent(town, agent).destroy({ cause })).state === "gone";

/** The instance's model for towns that have none of their own. */
const defaultModel = ({ CURFEW_MODEL, CURFEW_MODEL_BASE_URL, CURFEW_MODEL_KEY }: Env): ModelSettings | null =>
  CURFEW_MODEL_BASE_URL && CURFEW_MODEL
    ? { baseUrl: CURFEW_MODEL_BASE_URL, model: CURFEW_MODEL, key: CURFEW_MODEL_KEY || null }
    : null;
