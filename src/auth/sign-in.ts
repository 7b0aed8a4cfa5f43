import type { MiddlewareHandler } from "hono";
import type { UserId } from "../protocol/primitives.ts";
import { problem } from "../protocol/problem.ts";
import { problemResponse } from "../refusals/problem-response.ts";
import { isOwnerToken, OWNER } from "./owner.ts";
import { type SessionSecrets, sessionCookie } from "./session.ts";

/** The token is still in the URL of this answer: no cache keeps it, no later request tells it. */
const discreet = (response: Response): Response => {
  response.headers.set("cache-control", "no-store");
  response.headers.set("referrer-policy", "no-referrer");
  return response;
};

/**
 * Exchanges `GET …?token=<owner's token>` for the session cookie and sends the browser to the same
 * page without the token (303); a wrong token is a 401. Other requests go on.
 *
 * @param welcome called before the cookie is given out; makes sure that the user's room exists
 * @example app.get("/", signIn(async (user, env) => { await foundUser(env, user); }));
 */
export const signIn =
  <Bindings extends SessionSecrets>(
    welcome: (user: UserId, env: Bindings) => Promise<void>,
    clock: () => number = Date.now,
  ): MiddlewareHandler<{ Bindings: Bindings }> =>
  async (c, next) => {
    const url = new URL(c.req.url);
    const token = url.searchParams.get("token");
    if (token === null || c.req.method !== "GET") return next();
    if (!(await isOwnerToken(c.env.CURFEW_TOKEN, token))) {
      return discreet(
        problemResponse(problem("who-are-you", "The token in the address is not the owner's.")),
      );
    }
    await welcome(OWNER, c.env);
    url.searchParams.delete("token");
    const headers = {
      // One slash: `//host` would be another host.
      location: url.pathname.replace(/^\/+/, "/") + url.search,
      "set-cookie": await sessionCookie(c.env, OWNER, url, clock()),
    };
    return discreet(new Response(null, { status: 303, headers }));
  };
