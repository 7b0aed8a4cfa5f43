import { env, exports } from "cloudflare:workers";
import type { Problem } from "../../src/protocol/problem.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Town } from "../../src/protocol/town.ts";

/** A request to the Worker as the owner sends it; headers that are given replace these. */
export const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers({
    authorization: `Bearer ${env.CURFEW_TOKEN}`,
    "content-type": "application/json",
  });
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
  return exports.default.fetch(`http://localhost${path}`, { ...init, headers });
};

/** A call with a JSON body, and its answer read to the end. `body` left out: no body. */
export const call = async <Body = Problem>(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Body }> => {
  const response = await ask(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as Body };
};

/** A call of a tool, as an agent's process makes it. */
export const callTool = (token: string, name: string, args: object): Promise<Response> =>
  ask("/mcp", {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json, text/event-stream",
      host: "localhost",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name, arguments: args },
    }),
  });

/** The id of a new town. */
export const foundTown = async (name = "Elm"): Promise<string> => {
  const { status, body } = await call<Town>("POST", "/api/towns", { name });
  if (status !== 201) throw new Error(`the town was not founded: ${JSON.stringify(body)}`);
  return body.id;
};

/** The receipt as the owner is given it. */
export const receiptOf = async (town: string): Promise<Receipt> =>
  (await call<Receipt>("GET", `/api/towns/${town}/receipt`)).body;
