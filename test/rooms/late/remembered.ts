import type { AgentName } from "../../../src/protocol/primitives.ts";
import type { AgentCharter } from "../../../src/rooms/agent.ts";
import type { TownCharter } from "../../../src/rooms/town.ts";
import { containerToken, ordersOf } from "../played-container.ts";
import { room } from "../rooms.ts";
import { rows } from "../stored.ts";

/** Who and what could still speak to a town after its end, as it was known while the town lived. */
export interface Remembered {
  readonly town: string;
  readonly agents: readonly AgentName[];
  readonly charter: TownCharter;
  readonly agentCharters: readonly AgentCharter[];
  /** Every run of an agent's process that was ever ordered, with its token. */
  readonly turns: readonly {
    readonly runId: string;
    readonly fence: number;
    readonly agent: AgentName;
    readonly process: string;
    readonly token: string;
  }[];
  readonly containerToken: string;
}

/** Notes down all that is worth something while the town lives. */
export const remember = async (town: string): Promise<Remembered> => {
  const [mine] = await rows(room.user("owner"), `SELECT charter FROM towns WHERE id = '${town}'`);
  const agents = await rows(room.town(town), "SELECT name, charter FROM agents ORDER BY rowid");
  return {
    town,
    agents: agents.map(({ name }) => String(name)),
    charter: JSON.parse(String(mine?.["charter"])) as TownCharter,
    agentCharters: agents.map(({ charter }) => JSON.parse(String(charter)) as AgentCharter),
    turns: (await ordersOf(town, "turn")).map(({ runId, fence, agent, process, token }) => ({
      runId,
      fence,
      agent,
      process,
      token,
    })),
    containerToken: await containerToken(town, 1),
  };
};
