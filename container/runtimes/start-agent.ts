import type { TurnOrder } from "../../src/protocol/container/order.ts";
import { below } from "../link/dial.ts";
import { prepareLaunch } from "./prepare-launch.ts";
import { agentEnvironment } from "../agents/agent-environment.ts";
import { AgentProcess, type Patience } from "../agents/agent-process.ts";
import { agentFolders, makeFolders } from "../agents/folders.ts";

/** What all agents of a container have in common. */
export interface AgentGround {
  /** The container's working folder. */
  readonly folder: string;
  /** The Worker's address. */
  readonly url: string;
  readonly boot: string;
  /** The container's own environment, of which agents get a little. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Never to be seen in a reason. */
  readonly secrets: readonly string[];
  readonly patience: Patience;
}

/**
 * Starts the process that an order names, with the town's tools as its MCP server.
 *
 * @throws AgentFailure if the agent can't be used, the reason of `signal` if that ends first
 */
export const startAgent = async (
  { folder, url, boot, variables, secrets, patience }: AgentGround,
  order: TurnOrder,
  signal: AbortSignal,
): Promise<AgentProcess> => {
  const { agent, role, token, runtime } = order;
  const folders = agentFolders(folder, agent);
  const marker = `${boot}-${order.process}`;
  await makeFolders(folders);
  const env = agentEnvironment(variables, folders, marker);
  const launch = await prepareLaunch(runtime, { role, token, url, folders, env });
  const headers = [{ name: "Authorization", value: `Bearer ${token}` }];
  const options = {
    launch,
    marker,
    patience,
    session: {
      cwd: folders.work,
      mcpServers: [{ type: "http" as const, name: "curfew", url: below(url, "mcp").href, headers }],
    },
    secrets: [token, ...secrets],
  };
  return AgentProcess.start(options, signal);
};
