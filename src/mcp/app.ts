import { McpServer } from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp/server";
import { Hono } from "hono";
import type { Identity } from "../auth/bearer.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { problemResponse } from "../refusals/problem-response.ts";
import { type Problem, problem } from "../protocol/problem.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { offerMayorTools, offerPolecatTools } from "./agent-tools.ts";
import { offerOwnerTools } from "./owner-tools.ts";

interface McpOptions {
  readonly identify: (request: Request) => Promise<Identity>;
  readonly rooms: Rooms;
}

const serverFor = (instructions: string, offerTools: (server: McpServer) => void): McpServer => {
  const server = new McpServer(
    { name: "curfew", version: `${PROTOCOL_VERSION}` },
    { instructions, capabilities: { tools: { listChanged: false } } },
  );
  offerTools(server);
  return server;
};

/** The server for who asks, or why there is none. */
const choose = (identity: Identity, rooms: Rooms): (() => McpServer) | Problem => {
  switch (identity.kind) {
    case "nobody":
      return identity.problem;
    case "container":
      return problem("who-are-you", "Tools are for people and agents, each with their own token.");
    case "owner":
      return () =>
        serverFor("Towns of coding agents that work on your git repositories.", (server) =>
          offerOwnerTools(server, rooms, identity.user),
        );
    case "agent": {
      const { agent, process, role } = identity;
      const caller = { town: rooms.town(identity.town), caller: { agent, process } };
      switch (role) {
        case "mayor":
          return () => serverFor("The tools of your town.", (server) => offerMayorTools(server, caller));
        case "polecat":
          return () => serverFor("The tools for your bead.", (server) => offerPolecatTools(server, caller));
      }
    }
  }
};

const refuse = (problem: Problem): Response => {
  const response = problemResponse(problem);
  if (problem.status === 401) response.headers.set("www-authenticate", 'Bearer realm="curfew"');
  return response;
};

/** `/mcp`: the tools of who asks, over streamable HTTP without sessions; one server per request. */
export const createMcp = ({ identify, rooms }: McpOptions): Hono =>
  new Hono().all("/mcp", async (c) => {
    const chosen = choose(await identify(c.req.raw), rooms);
    if (typeof chosen !== "function") return refuse(chosen);
    return createMcpHandler(chosen, { corsOptions: false }).fetch(c.req.raw);
  });
