import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the model service was asked. */
export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** A model service on loopback, of which a test says how it answers. */
export interface Provider extends AsyncDisposable {
  readonly baseUrl: string;
  readonly asked: Asked[];
}

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
};

export const startProvider = async (
  answer: (asked: Asked, response: ServerResponse) => void | Promise<void>,
): Promise<Provider> => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const call = { url: request.url ?? "", headers: request.headers, body: await bodyOf(request) };
      asked.push(call);
      await answer(call, response);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

/** One event of a stream. */
export const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

export const usageOf = (input: number, output: number) => ({
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
});
