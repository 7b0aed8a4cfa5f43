import { setTimeout as tick } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { event, startProvider, usageOf } from "./provider.ts";
import { complete, KEY, startProxy } from "./proxy.ts";

const CHAT = { model: "whatever", messages: [{ role: "user", content: "hi" }] };

describe("a call through the model proxy", () => {
  it("reaches the service with the town's model and key, and with nothing of the agent's own", async () => {
    await using provider = await startProvider((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ choices: [], ...usageOf(11, 22) }));
    });
    await using proxy = await startProxy(provider.baseUrl);
    const headers = { ...proxy.headers, cookie: "a=b", "x-api-key": "mine", accept: "application/json" };
    const response = await complete(proxy, { ...CHAT, temperature: 0.5 }, { headers });

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(usageOf(11, 22));
    const [asked] = provider.asked;
    expect(asked?.url).toBe("/v1/chat/completions");
    expect(asked?.body).toEqual({ ...CHAT, model: "the-town's-model", temperature: 0.5 });
    expect(asked?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "content-type": "application/json",
      accept: "application/json",
    });
    expect(asked?.headers).not.toHaveProperty("cookie");
    expect(asked?.headers).not.toHaveProperty("x-api-key");
    await proxy.quiet();
    expect(proxy.books.admitted).toEqual([{ agent: "polecat-1", process: "p1" }]);
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 200, inputTokens: 11, outputTokens: 22 }]);
  });

  it("goes without a key to a service that needs none", async () => {
    await using provider = await startProvider((_, response) => void response.end("{}"));
    await using proxy = await startProxy(`${provider.baseUrl}///`, null);
    await (await complete(proxy, CHAT)).text();
    expect(provider.asked[0]?.url).toBe("/v1/chat/completions");
    expect(provider.asked[0]?.headers).not.toHaveProperty("authorization");
  });

  it("shows the agent only the headers of the answer that it needs", async () => {
    await using provider = await startProvider((_, response) => {
      response.setHeader("content-type", "application/json");
      response.setHeader("x-request-id", "req-1");
      response.setHeader("set-cookie", "service=1");
      response.setHeader("openai-organization", "ours");
      response.end("{}");
    });
    await using proxy = await startProxy(provider.baseUrl);
    const { headers } = await complete(proxy, CHAT);
    expect(headers.get("x-request-id")).toBe("req-1");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.has("set-cookie")).toBe(false);
    expect(headers.has("openai-organization")).toBe(false);
  });

  it("asks for the usage of a stream, and leaves the other options of it", async () => {
    await using provider = await startProvider((_, response) => void response.end());
    await using proxy = await startProxy(provider.baseUrl);
    await (
      await complete(proxy, { ...CHAT, stream: true, stream_options: { include_usage: false, x: 1 } })
    ).text();
    expect(provider.asked[0]?.body["stream_options"]).toEqual({ include_usage: true, x: 1 });
  });

  it("is settled before the agent sees its end", async () => {
    await using provider = await startProvider((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(event({ choices: [], ...usageOf(1, 2) }) + "data: [DONE]\n\n");
    });
    await using proxy = await startProxy(provider.baseUrl);
    await (await complete(proxy, { ...CHAT, stream: true })).text();
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 200, inputTokens: 1, outputTokens: 2 }]);
  });

  it("is settled by a new stub where the room was reset meanwhile", async () => {
    await using provider = await startProvider(
      (_, response) => void response.end(JSON.stringify(usageOf(3, 4))),
    );
    await using proxy = await startProxy(provider.baseUrl);
    proxy.books.resets = 1;
    await (await complete(proxy, CHAT)).text();
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 200, inputTokens: 3, outputTokens: 4 }]);
  });
});

describe("a stream through the model proxy", () => {
  it("is passed on as it comes, byte for byte", async () => {
    const pieces = [
      ": hello\r\n\r\n",
      event({ choices: [{ delta: { content: "ä" } }] }),
      "data: [DO",
      "NE]\n\n",
    ];
    const { promise: seen, resolve: see } = Promise.withResolvers<void>();
    await using provider = await startProvider(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.write(pieces[0]);
      // The rest is sent only when the first piece has arrived at the other end.
      await seen;
      for (const piece of pieces.slice(1)) {
        response.write(piece);
        await tick();
      }
      response.end();
    });
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, { ...CHAT, stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      see();
    }
    expect(text).toBe(pieces.join(""));
  });

  it("that the agent cuts is cut at the service too, and settled with what was seen", async () => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    await using provider = await startProvider((_, response) => {
      response.once("close", close);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(event({ choices: [], ...usageOf(5, 1) }));
    });
    await using proxy = await startProxy(provider.baseUrl);
    const agent = new AbortController();
    const response = await complete(proxy, { ...CHAT, stream: true }, { signal: agent.signal });
    await response.body?.getReader().read();
    agent.abort();
    await closed;
    await proxy.quiet();
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 200, inputTokens: 5, outputTokens: 1 }]);
  });

  it("that the agent gives up before it begins is settled as never answered", async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    await using provider = await startProvider((_, response) => {
      response.once("close", close);
      ask();
    });
    await using proxy = await startProxy(provider.baseUrl);
    const agent = new AbortController();
    const response = complete(proxy, { ...CHAT, stream: true }, { signal: agent.signal });
    await asked;
    agent.abort();
    await expect(response).rejects.toThrow("aborted");
    await closed;
    await proxy.quiet();
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 0, inputTokens: 0, outputTokens: 0 }]);
  });

  it("that the service breaks off breaks off for the agent, and is settled with what was seen", async () => {
    // The server of this test says there that it could not end the answer.
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const { promise: seen, resolve: see } = Promise.withResolvers<void>();
    await using provider = await startProvider(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(event({ choices: [], ...usageOf(6, 2) }));
      await seen;
      response.destroy();
    });
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, { ...CHAT, stream: true });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    see();
    await expect(reader.read()).rejects.toThrow("terminated");
    await proxy.quiet();
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 200, inputTokens: 6, outputTokens: 2 }]);
    log.mockRestore();
  });
});
