import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { bearerToken } from "../auth/bearer-token.ts";
import { type AgentClaims, readToken } from "../auth/token.ts";
import { problem, Refusal } from "../protocol/problem.ts";
import type { TownRpc } from "../rooms/town.ts";
import { openAccount } from "./account.ts";
import { carryOut } from "./call.ts";
import { parseChatRequest } from "./chat-request.ts";
import { openAiProblem } from "./openai-error.ts";

/** What the proxy asks of a Town. */
export type ModelTown = Pick<TownRpc, "identify" | "describe" | "admit" | "settle">;

interface ModelOptions {
  /** Signs the tokens of processes. */
  readonly secret: string;
  /** Gives a stub of a Town, a new one at each call. */
  readonly town: (id: string) => ModelTown;
  /** The model of towns that have none of their own. */
  readonly defaultModel: string | null;
  readonly fetch?: typeof fetch;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

type Model = { Variables: { caller: AgentClaims } };

/** Only an agent's process gets in. */
const agentsOnly = (secret: string) =>
  createMiddleware<Model>(async (c, next) => {
    const token = bearerToken(c.req.raw);
    const claims = token === null ? null : await readToken(secret, token);
    if (claims?.kind !== "agent") {
      return openAiProblem(problem("who-are-you", "Models are for agents of a town, with their own token."));
    }
    c.set("caller", claims);
    return next();
  });

const tooLarge = () =>
  openAiProblem(problem("too-large", `The request has more than ${MAX_BODY_BYTES / 1024 / 1024} MB.`));

/**
 * The model proxy, in OpenAI's wire format: `POST /model/openai/v1/chat/completions` and
 * `GET /model/openai/v1/models`. The provider's key is added here and never leaves the Worker. Every
 * call is admitted by the Town before it goes out and settled when it ended; its bytes pass no room.
 */
export const createModelApp = (options: ModelOptions): Hono<Model> => {
  const { secret, town, defaultModel } = options;
  // Called as a plain function: workerd's fetch refuses any other `this`.
  const fetch: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));

  const complete = async (c: Context<Model>): Promise<Response> => {
    const { town: id, agent, process } = c.get("caller");
    const request = parseChatRequest(await c.req.text());
    const admitted = await town(id).admit({ agent, process });
    if (!admitted.ok) return openAiProblem(admitted.problem);
    const account = openAccount(admitted.value.call, (settlement) => town(id).settle(settlement));
    // A client that goes away takes everything with it that is not waited for.
    c.executionCtx.waitUntil(account.settled);
    const { headers, signal } = c.req.raw;
    return carryOut({ admission: admitted.value, request, headers, signal, account }, fetch);
  };

  const models = async (c: Context<Model>): Promise<Response> => {
    const { town: id, agent, process } = c.get("caller");
    const known = await town(id).identify({ agent, process });
    if (!known.ok) return openAiProblem(known.problem);
    const described = await town(id).describe();
    if (!described.ok) return openAiProblem(described.problem);
    const model = described.value.settings.model?.model ?? defaultModel;
    const data = model === null ? [] : [{ id: model, object: "model", created: 0, owned_by: "curfew" }];
    return Response.json({ object: "list", data });
  };

  const app = new Hono<Model>().basePath("/model/openai/v1");
  app.use(agentsOnly(secret));
  app.post("/chat/completions", bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), complete);
  app.get("/models", models);
  app.all("*", () => openAiProblem(problem("not-found", "Here are only chat/completions and models.")));
  app.onError((error) => {
    if (error instanceof Refusal) return openAiProblem(error.problem);
    console.error("The model proxy failed:", error);
    return openAiProblem(problem("unavailable", "The town did not answer."));
  });
  return app;
};
