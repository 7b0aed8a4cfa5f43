import { describe, expect, it, vi } from "vitest";
import { mint } from "../../src/auth/token.ts";
import { problem } from "../../src/protocol/problem.ts";
import { startProvider } from "./provider.ts";
import { AGENT, complete, KEY, SECRET, startProxy, TOWN } from "./proxy.ts";

const CHAT = { model: "whatever", messages: [] };

const errorOf = async (response: Response) =>
  (JSON.parse(await response.text()) as { error: { message: string; type: string; code: string } }).error;

describe("the model proxy is closed", () => {
  it.each([
    ["without a token", async () => ""],
    ["to the owner", async () => "the-owner's-token"],
    ["to a container", () => mint(SECRET, { kind: "container", town: TOWN, life: 1 })],
    ["to a token of another secret", () => mint("another secret", AGENT)],
  ])("%s", async (_, token) => {
    await using proxy = await startProxy("http://127.0.0.1:1");
    const headers = { authorization: `Bearer ${await token()}` };
    for (const path of ["chat/completions", "models", "else"]) {
      const response = await fetch(`${proxy.url}/${path}`, { method: "POST", headers, body: "{}" });
      expect(response.status).toBe(401);
      expect(await errorOf(response)).toMatchObject({ type: "authentication_error", code: "who-are-you" });
    }
    expect(proxy.books.admitted).toEqual([]);
  });
});

describe("before a call reaches the service", () => {
  it.each([
    // Clients repeat 409 and 429 without end, and neither would help.
    ["over-limit", 402, "insufficient_quota"],
    ["conflict", 404, "invalid_request_error"],
    ["forbidden", 403, "permission_error"],
    ["gone", 410, "invalid_request_error"],
    ["unavailable", 503, "server_error"],
  ] as const)("a Town's %s is answered %i", async (kind, status, type) => {
    await using provider = await startProvider((_, response) => void response.end());
    await using proxy = await startProxy(provider.baseUrl);
    proxy.books.refusal = problem(kind, "For this reason.");
    const response = await complete(proxy, CHAT);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toEqual({ message: "For this reason.", type, code: kind });
    await proxy.quiet();
    expect(proxy.books.settled).toEqual([]);
    expect(provider.asked).toEqual([]);
  });

  it.each([
    "",
    "{",
    "[]",
    "null",
    '"x"',
    "{}",
    '{"messages":[],"stream":"yes"}',
    '{"messages":[],"stream_options":1}',
  ])("a body that is no request is refused: %j", async (body) => {
    await using proxy = await startProxy("http://127.0.0.1:1");
    const response = await complete(proxy, body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ type: "invalid_request_error", code: "bad-request" });
    expect(proxy.books.admitted).toEqual([]);
  });

  it("a body of more than 32 MB is refused", async () => {
    await using proxy = await startProxy("http://127.0.0.1:1");
    const response = await complete(proxy, "x".repeat(32 * 1024 * 1024 + 1));
    expect(response.status).toBe(413);
    expect(await errorOf(response)).toMatchObject({ code: "too-large" });
    expect(proxy.books.admitted).toEqual([]);
  });

  it("a path that is not of the proxy is refused", async () => {
    await using proxy = await startProxy("http://127.0.0.1:1");
    const response = await fetch(`${proxy.url}/embeddings`, { method: "POST", headers: proxy.headers });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: "not-found" });
  });
});

describe("a failure of the service", () => {
  it.each([429, 500, 503, 400])("of status %i is passed on, with its words, and settled", async (status) => {
    await using provider = await startProvider((_, response) => {
      response.writeHead(status, { "content-type": "application/json", "retry-after": "7", "x-other": "1" });
      response.end(JSON.stringify({ error: { message: `no: ${KEY}, ${KEY}` } }));
    });
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, { ...CHAT, stream: true });
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(response.headers.has("x-other")).toBe(false);
    expect(await errorOf(response)).toEqual({ message: "no: [key], [key]" });
    await proxy.quiet();
    expect(proxy.books.settled).toEqual([{ call: "c1", status, inputTokens: 0, outputTokens: 0 }]);
  });

  it.each([401, 403])("to take the key (%i) is told in our own words", async (status) => {
    await using provider = await startProvider((_, response) => {
      response.writeHead(status, { "content-type": "text/plain" });
      response.end(`Incorrect API key provided: ${KEY}`);
    });
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, CHAT);
    expect(response.status).toBe(status);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: "upstream" });
    expect(error.message).not.toContain(KEY);
    await proxy.quiet();
    expect(proxy.books.settled).toMatchObject([{ status }]);
  });

  it.each([301, 302, 307, 308])("to stay where it is (%i) never takes the key elsewhere", async (status) => {
    await using elsewhere = await startProvider((_, response) => void response.end());
    await using provider = await startProvider((_, response) => {
      response.writeHead(status, { location: `${elsewhere.baseUrl}/chat/completions` });
      response.end();
    });
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, CHAT);
    expect(response.status).toBe(404);
    expect((await errorOf(response)).message).toContain("redirect");
    await proxy.quiet();
    expect(proxy.books.settled).toMatchObject([{ status }]);
    expect(elsewhere.asked).toEqual([]);
  });

  it("to be there is a 502 that tells nothing of where it should be", async () => {
    const provider = await startProvider((_, response) => void response.end());
    await provider[Symbol.asyncDispose]();
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, CHAT);
    expect(response.status).toBe(502);
    expect(await errorOf(response)).toEqual({
      message: "The model service could not be reached.",
      type: "server_error",
      code: "upstream",
    });
    await proxy.quiet();
    expect(proxy.books.settled).toEqual([{ call: "c1", status: 0, inputTokens: 0, outputTokens: 0 }]);
  });

  it("with more words than anybody needs is cut, and no key shows where it is cut", async () => {
    const words = "x".repeat(64 * 1024 - KEY.length);
    await using provider = await startProvider((_, response) => {
      response.writeHead(500);
      response.write(`${words}${KEY}${KEY.slice(0, 10)}`);
      response.end("y".repeat(1024 * 1024));
    });
    await using proxy = await startProxy(provider.baseUrl);
    const text = await (await complete(proxy, CHAT)).text();
    expect(text.slice(0, words.length + 5)).toBe(`${words}[key]`);
    expect(text.length).toBeLessThanOrEqual(64 * 1024);
  });

  it("that breaks off shows no half of a key", async () => {
    await using provider = await startProvider((_, response) => {
      response.writeHead(500, { "content-length": "1000" });
      response.write(`not with ${KEY.slice(0, 12)}`, () => response.destroy());
    });
    await using proxy = await startProxy(provider.baseUrl);
    const response = await complete(proxy, CHAT);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain(KEY.slice(0, 5));
    await proxy.quiet();
    expect(proxy.books.settled).toMatchObject([{ status: 500 }]);
  });
});

it("a call that can't be settled is answered all the same, and said in the log without its content", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await using provider = await startProvider((_, response) => void response.end("{}"));
  await using proxy = await startProxy(provider.baseUrl);
  proxy.books.resets = 2;
  expect(await (await complete(proxy, CHAT)).text()).toBe("{}");
  await proxy.quiet();
  expect(proxy.books.settled).toEqual([]);
  expect(log.mock.calls.flat().map(String)).toEqual([
    "Model call c1 could not be settled:",
    "Error: the room was reset",
  ]);
  log.mockRestore();
});
