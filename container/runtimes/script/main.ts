import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import * as acp from "@agentclientprotocol/sdk";
import { parseDuration } from "../../../src/protocol/duration.ts";
import { mayor } from "./mayor.ts";
import { polecat } from "./polecat.ts";
import type { Role } from "./role.ts";
import { type ServerAddress, TownTools } from "./town-tools.ts";
import { voiceOf } from "./voice.ts";

/** The script runtime: an ACP agent on standard input and output that needs no model. */

const BLOCK_LIMIT = "10m";
const { CURFEW_ROLE, CURFEW_BLOCK_LIMIT = BLOCK_LIMIT, ...env } = process.env;

const roleOf = (name: string | undefined): Role => {
  if (name === "mayor") return mayor;
  if (name !== "polecat") throw new Error(`CURFEW_ROLE is mayor or polecat, not ${name}`);
  const limitMs = parseDuration(CURFEW_BLOCK_LIMIT);
  if (limitMs === null) throw new Error(`CURFEW_BLOCK_LIMIT is a duration such as ${BLOCK_LIMIT}`);
  return polecat({ env: env as Record<string, string>, limitMs });
};

interface Session {
  readonly cwd: string;
  readonly tools: TownTools;
  turn: AbortController | null;
}

/** The town's server is the first that is reached over HTTP. */
const townServer = (servers: readonly acp.McpServer[]): ServerAddress | null => {
  for (const server of servers) {
    if (!("type" in server) || server.type !== "http") continue;
    const headers = Object.fromEntries(server.headers.map(({ name, value }) => [name, value]));
    return { url: server.url, headers };
  }
  return null;
};

const lastText = (blocks: readonly acp.ContentBlock[]): string =>
  blocks.findLast((block) => block.type === "text")?.text ?? "";

const role = roleOf(CURFEW_ROLE);
const sessions = new Map<string, Session>();
const closing = new AbortController();

const known = (id: string): Session => {
  const session = sessions.get(id);
  if (!session) throw acp.RequestError.sessionNotFound(id);
  return session;
};

const connection = acp
  .agent({ name: "curfew-script" })
  .onRequest(acp.methods.agent.initialize, () => ({
    protocolVersion: acp.PROTOCOL_VERSION,
    agentInfo: { name: "curfew-script", version: "1" },
    agentCapabilities: { loadSession: false, mcpCapabilities: { http: true, sse: false } },
  }))
  .onRequest(acp.methods.agent.session.new, ({ params }) => {
    const sessionId = randomUUID();
    const tools = new TownTools(townServer(params.mcpServers));
    sessions.set(sessionId, { cwd: params.cwd, tools, turn: null });
    return { sessionId };
  })
  .onRequest(acp.methods.agent.session.prompt, async ({ params, client }) => {
    const session = known(params.sessionId);
    const turn = new AbortController();
    session.turn = turn;
    return role({
      prompt: lastText(params.prompt),
      cwd: session.cwd,
      tools: session.tools,
      voice: voiceOf(client, params.sessionId),
      signal: AbortSignal.any([turn.signal, closing.signal]),
    });
  })
  .onNotification(acp.methods.agent.session.cancel, ({ params }) => {
    sessions.get(params.sessionId)?.turn?.abort();
  })
  .connect(
    acp.ndJsonStream(
      Writable.toWeb(process.stdout),
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );

// A block that still runs is ended first; with it, nothing is left that keeps the process.
process.once("SIGTERM", () => connection.close());
connection.signal.addEventListener("abort", () => {
  closing.abort();
  process.stdin.destroy();
});
