import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";

/** A7: a setting that requests are judged by is missing or no good; then nobody gets in, whatever they bring. */
const FAULTS: Readonly<
  Record<string, { readonly set: Record<string, string | undefined>; readonly says: string }>
> = {
  "no token": { set: { CURFEW_TOKEN: undefined }, says: "CURFEW_TOKEN is not set" },
  "an empty token": { set: { CURFEW_TOKEN: "" }, says: "CURFEW_TOKEN is not set" },
  "a token of blanks": { set: { CURFEW_TOKEN: "            " }, says: "CURFEW_TOKEN must be one word" },
  "a short token": { set: { CURFEW_TOKEN: "1234567" }, says: "CURFEW_TOKEN must be one word of at least 8" },
  "no secret": { set: { CURFEW_SECRET: undefined }, says: "CURFEW_SECRET is not set" },
  "a short secret": {
    set: { CURFEW_SECRET: "a-short-secret" },
    says: "CURFEW_SECRET must be one word of at least 16",
  },
  "a lease that is none": { set: { CURFEW_LEASE: "60" }, says: 'CURFEW_LEASE: "60" is no duration' },
};

const REQUESTS: Readonly<Record<string, (url: string) => Request>> = {
  "the token `undefined`": (url) =>
    new Request(`${url}/api/towns`, { headers: { authorization: "Bearer undefined" } }),
  "an empty token": (url) => new Request(`${url}/api/towns`, { headers: { authorization: "Bearer " } }),
  "a sign-in as `undefined`": (url) => new Request(`${url}/?token=undefined`),
  "the right token": (url) =>
    new Request(`${url}/api/towns`, { headers: { authorization: `Bearer ${env.CURFEW_TOKEN}` } }),
  "a look at the page": (url) => new Request(`${url}/`),
  "a question for its health": (url) => new Request(`${url}/api/health`),
  "a tool": (url) => new Request(`${url}/mcp`, { method: "POST", body: "{}" }),
  "a call of the model": (url) => new Request(`${url}/model/openai/v1/models`),
};

const ask = (set: Record<string, string | undefined>, request: Request): Response | Promise<Response> => {
  const bindings: Env = { ...(env as Env), ...set };
  return createApp(bindings).fetch(request, bindings, createExecutionContext());
};

describe.each(Object.entries(FAULTS))("With %s", (_, { set, says }) => {
  it.each(Object.entries(REQUESTS))("%s is refused with a sentence that says why", async (_, make) => {
    const response = await ask(set, make("http://localhost"));
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("set-cookie")).toBeNull();
    const { detail } = await response.json<{ detail: string }>();
    expect(detail).toContain(says);
  });

  it("a socket is closed with the code for another time", async () => {
    const response = await ask(
      set,
      new Request("http://localhost/parties/user/owner", { headers: { upgrade: "websocket" } }),
    );
    const socket = response.webSocket;
    const closed = new Promise<number>((resolve) => {
      socket?.addEventListener("close", ({ code }) => resolve(code));
    });
    socket?.accept();
    expect(await closed).toBe(4503);
  });
});
