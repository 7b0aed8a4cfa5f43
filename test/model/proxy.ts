import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Claims, mint } from "../../src/auth/token.ts";
import { createModelApp, type ModelTown } from "../../src/model/app.ts";
import { type Answer, problem, type Problem } from "../../src/protocol/problem.ts";
import type { Admission, Caller, Settlement } from "../../src/rooms/town.ts";

export const SECRET = "the secret";
export const KEY = "sk-the-key-of-the-town";
export const TOWN = `t${"a".repeat(20)}`;
export const AGENT: Claims = {
  kind: "agent",
  town: TOWN,
  agent: "polecat-1",
  role: "polecat",
  process: "p1",
};

/** A Town's books: admits until told otherwise, keeps what it is told. */
interface Books {
  readonly admitted: Caller[];
  readonly settled: Settlement[];
  /** Refuses every call from now on. */
  refusal: Problem | null;
  /** So many calls of `settle` fail, as when the room is reset. */
  resets: number;
}

const refuse = (problem: Problem): Answer<never> => ({ ok: false, problem });

const townWith = (books: Books, admission: Omit<Admission, "call">): ModelTown => ({
  identify: async () => ({ ok: true, value: { runId: "r1", fence: 1, message: null, bead: null } }),
  describe: async () => refuse(problem("unexpected", "not asked in these tests")),
  admit: async (caller) => {
    if (books.refusal) return refuse(books.refusal);
    books.admitted.push(caller);
    return { ok: true, value: { ...admission, call: `c${books.admitted.length}` } };
  },
  settle: async (settlement) => {
    if (books.resets-- > 0) throw new Error("the room was reset");
    books.settled.push(settlement);
    return { ok: true, value: null };
  },
});

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  readonly books: Books;
  /** Resolves when everything that outlives its request is done, as the runtime would wait for it. */
  readonly quiet: () => Promise<void>;
  readonly headers: Record<string, string>;
}

/** The proxy on a real socket, before one Town whose model is at `baseUrl`. */
export const startProxy = async (baseUrl: string, key: string | null = KEY): Promise<Proxy> => {
  const books: Books = { admitted: [], settled: [], refusal: null, resets: 0 };
  const waited: Promise<unknown>[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => void waited.push(promise),
    passThroughOnException: () => {},
    props: {},
  };
  const app = createModelApp({
    secret: SECRET,
    town: () => townWith(books, { baseUrl, model: "the-town's-model", key }),
    defaultModel: null,
  });
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request, {}, context) });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const token = await mint(SECRET, AGENT);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model/openai/v1`,
    books,
    quiet: async () => {
      await Promise.all(waited);
    },
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    [Symbol.asyncDispose]: async () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

/** One chat completion through the proxy. */
export const complete = (proxy: Proxy, body: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${proxy.url}/chat/completions`, {
    method: "POST",
    headers: proxy.headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
