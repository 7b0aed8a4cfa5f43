import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import type { Usage } from "../../src/protocol/usage.ts";

/** What the model answers: a text, or the call of a tool. */
export type Reply =
  | { readonly text: string }
  | { readonly tool: string; readonly args: Readonly<Record<string, unknown>> };

const Request = v.object({
  model: v.string(),
  stream: v.literal(true),
  messages: v.array(v.looseObject({ role: v.string(), content: v.unknown() })),
  tools: v.optional(v.array(v.object({ function: v.object({ name: v.string() }) })), []),
});

/** One call of the model. */
export interface Asked {
  readonly authorization: string | undefined;
  /** As the caller's headers were when they arrived here. */
  readonly headers: readonly string[];
  readonly model: string;
  readonly tools: readonly string[];
  /** All that was said so far, as JSON. */
  readonly said: string;
  /** Calls of tools since the last word of the user. */
  readonly toolResults: number;
}

/** An OpenAI-compatible service on loopback that counts what it hands out. */
export interface ModelService extends AsyncDisposable {
  readonly baseUrl: string;
  readonly asked: readonly Asked[];
  /** Sums of the usage that was told to callers who match. */
  handedOut(isMeant?: (asked: Asked) => boolean): Usage;
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
};

const read = (request: IncomingMessage, body: unknown): Asked => {
  const { model, messages, tools } = v.parse(Request, body);
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  return {
    authorization: request.headers.authorization,
    headers: Object.keys(request.headers),
    model,
    tools: tools.map((tool) => tool.function.name),
    said: JSON.stringify(messages),
    toolResults: messages.slice(lastUser).filter(({ role }) => role === "tool").length,
  };
};

const deltas = (reply: Reply, id: string): Record<string, unknown>[] => {
  if ("text" in reply) {
    return (reply.text.match(/\s*\S+/g) ?? []).map((content) => ({ role: "assistant", content }));
  }
  const called = { name: reply.tool, arguments: JSON.stringify(reply.args) };
  return [{ role: "assistant", tool_calls: [{ index: 0, id, type: "function", function: called }] }];
};

const stream = (response: ServerResponse, reply: Reply, id: string, input: number, output: number): void => {
  const send = (data: object): void => {
    response.write(
      `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created: 0, model: "m", ...data })}\n\n`,
    );
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const delta of deltas(reply, id)) send({ choices: [{ index: 0, delta, finish_reason: null }] });
  const reason = "text" in reply ? "stop" : "tool_calls";
  send({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  send({
    choices: [],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  });
  response.end("data: [DONE]\n\n");
};

/** @param answer the script: what is answered to a call. It may wait; the caller then waits, too */
export const startModelService = async (
  answer: (asked: Asked) => Reply | Promise<Reply>,
): Promise<ModelService> => {
  const asked: Asked[] = [];
  const told: { readonly asked: Asked; readonly input: number; readonly output: number }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const call = read(request, await bodyOf(request));
      const number = asked.push(call);
      // No two calls cost the same, so that none can stand in for another.
      const input = 1000 + number ** 2;
      const output = 10 + number;
      const reply = await answer(call);
      stream(response, reply, `call-${number}`, input, output);
      told.push({ asked: call, input, output });
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    handedOut: (isMeant = () => true) => {
      const meant = told.filter(({ asked }) => isMeant(asked));
      return {
        calls: meant.length,
        inputTokens: meant.reduce((sum, { input }) => sum + input, 0),
        outputTokens: meant.reduce((sum, { output }) => sum + output, 0),
      };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
