import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { identifyRequest } from "../../src/auth/bearer.ts";
import { type Claims, mint } from "../../src/auth/token.ts";
import { createMcp } from "../../src/mcp/app.ts";
import { TOWN, type World } from "./world.ts";

const ENV = { CURFEW_TOKEN: "the-owner's-token", CURFEW_SECRET: "the secret" };

export const MAYOR: Claims = { kind: "agent", town: TOWN, agent: "mayor", role: "mayor", process: "p-mayor" };
export const POLECAT: Claims = {
  kind: "agent",
  town: TOWN,
  agent: "polecat-1",
  role: "polecat",
  process: "p-1",
};
export const CONTAINER: Claims = { kind: "container", town: TOWN, life: 1 };

export const tokenOf = async (who: Claims | "owner"): Promise<string> =>
  who === "owner" ? ENV.CURFEW_TOKEN : mint(ENV.CURFEW_SECRET, who);

/** What a tool answered, as a client sees it. */
interface Told {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Record<string, unknown> | undefined;
}

export interface Connected extends AsyncDisposable {
  readonly client: Client;
  readonly call: (tool: string, args?: Record<string, unknown>) => Promise<Told>;
}

/** `/mcp` on a real socket. */
export const serveMcp = async (world: World) => {
  const app = createMcp({ identify: (request) => identifyRequest(request, ENV), rooms: world.rooms });
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);

  const connect = async (who: Claims | "owner", mode: "legacy" | "auto" = "auto"): Promise<Connected> => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${await tokenOf(who)}` };
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    return {
      client,
      call: async (name, args = {}) => {
        const result = await client.callTool({ name, arguments: args });
        const [content] = result.content;
        if (content?.type !== "text") throw new Error("a tool answers with text");
        return {
          isError: result.isError === true,
          text: content.text,
          data: result.structuredContent as Record<string, unknown> | undefined,
        };
      },
      [Symbol.asyncDispose]: () => client.close(),
    };
  };
  return {
    url,
    connect,
    [Symbol.asyncDispose]: async () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
