import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { identifyRequest, type Identity } from "../auth/bearer.ts";
import { signIn } from "../auth/sign-in.ts";
import type { Env } from "../env.ts";
import { rooms } from "../rooms/rooms.ts";
import { createMcp } from "../mcp/app.ts";
import { createModelApp } from "../model/app.ts";
import { CloseCode } from "../protocol/close-codes.ts";
import { problem, problemOf } from "../protocol/problem.ts";
import { RoomGone } from "../lifecycle/gone.ts";
import { admin } from "./admin.ts";
import { agents } from "./agents.ts";
import { beads } from "./beads.ts";
import { BODY_MAX_BYTES } from "./body.ts";
import { accountReceipt, closeUser, foundUser, ownerOnly, withRoom, type App } from "./context.ts";
import { routeParties } from "./parties.ts";
import { problemResponse } from "../refusals/problem-response.ts";
import { refuseSocket } from "../refusals/refuse-socket.ts";
import { rigs } from "./rigs.ts";
import { settingsFault } from "../settings.ts";
import { towns } from "./towns.ts";

const limited = bodyLimit({
  maxSize: BODY_MAX_BYTES,
  onError: () => problemResponse(problem("too-large", `The body is over ${BODY_MAX_BYTES} bytes.`)),
});

const noSuchThing = () => problemResponse(problem("not-found", "There is no such resource."));

const api = new Hono<App>()
  .get("/health", (c) => c.json({ ok: true }))
  .use("*", ownerOnly)
  .use("*", limited)
  .delete("/me", async (c) => c.json(await closeUser(c.env, c.get("user")), 202))
  .get("/me/receipt", async (c) => c.json(await accountReceipt(c.env, c.get("user"))))
  // Whoever runs the instance may look, whatever became of their account.
  .route("/admin", admin)
  .use("*", withRoom)
  .get("/me", (c) => {
    const { CURFEW_MODEL, CURFEW_MODEL_BASE_URL, CURFEW_ENGINE } = c.env;
    return c.json({
      user: c.get("user"),
      instance: {
        model:
          CURFEW_MODEL && CURFEW_MODEL_BASE_URL
            ? { baseUrl: CURFEW_MODEL_BASE_URL, model: CURFEW_MODEL }
            : null,
        engine: CURFEW_ENGINE ?? "cloud",
        local: CURFEW_ENGINE === "process",
      },
    });
  })
  .route("/towns", towns)
  .route("/towns", rigs)
  .route("/towns", beads)
  .route("/towns", agents)
  .all("*", noSuchThing);

/** Who asks over MCP; an owner's room is there from the first word on. */
const identifyUser = async (request: Request, env: Env): Promise<Identity> => {
  const identity = await identifyRequest(request, env);
  if (identity.kind === "owner") await foundUser(env, identity.user);
  return identity;
};

/** What is served where the settings are no good: nothing, and the reason. */
const refuseAll = (fault: string): Hono<App> =>
  new Hono<App>().all("*", (c) =>
    c.req.header("upgrade")?.toLowerCase() === "websocket"
      ? refuseSocket(CloseCode.tryAgain, "not set up")
      : problemResponse(problem("unavailable", fault)),
  );

/** Everything that the Worker serves. The settings are looked at once, and before anybody is. */
export const createApp = (env: Env): Hono<App> => {
  const fault = settingsFault(env);
  if (fault !== null) {
    console.error(`Nothing is served: ${fault}`);
    return refuseAll(fault);
  }
  const app = new Hono<App>();
  app.onError((error) => {
    const refused = problemOf(error);
    if (refused !== null) return problemResponse(refused);
    if (error instanceof RoomGone) return problemResponse(problem("gone", error.message));
    console.error("request failed:", error);
    return problemResponse(problem("unexpected", "This is a fault of Curfew; its log has the details."));
  });
  app.all("/parties/*", (c) => routeParties(c.req.raw, c.env));
  app.use(
    "*",
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: "no-referrer",
    }),
  );
  app.use("/mcp", limited);
  app.route("/api", api);
  app.route("/", createMcp({ identify: (request) => identifyUser(request, env), rooms: rooms(env) }));
  app.route(
    "/",
    createModelApp({
      secret: env.CURFEW_SECRET,
      town: (id) => rooms(env).town(id),
      defaultModel: env.CURFEW_MODEL ?? null,
    }),
  );
  app.get("/assets/*", async (c) => {
    const asset = await c.env.ASSETS.fetch(c.req.raw);
    // For what isn't there the page is served, which is no script of an older version.
    if (asset.headers.get("content-type")?.startsWith("text/html")) return noSuchThing();
    const response = new Response(asset.body, asset);
    // The name holds a hash of the content.
    response.headers.set("cache-control", "public, max-age=31536000, immutable");
    return response;
  });
  app.get(
    "*",
    signIn<Env>((user, bindings) => foundUser(bindings, user)),
    async (c) => {
      const asset = await c.env.ASSETS.fetch(c.req.raw);
      // A copy: the headers of a fetched answer can't be changed, and the policy above must be on it.
      return new Response(asset.body, asset);
    },
  );
  app.all("*", noSuchThing);
  return app;
};
