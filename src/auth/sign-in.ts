import type { MiddlewareHandler } from "hono";
import type { UserId } from "../protocol/primitives.ts";
import { problem, Refusal } from "../protocol/problem.ts";
import { problemResponse } from "../refusals/problem-response.ts";
import { isOwnerToken, OWNER } from "./owner.ts";
import { type SessionSecrets, sessionCookie } from "./session.ts";

/** The token is still in the URL of this answer: no cache keeps it, no later request tells it. */
const discreet = (response: Response): Response => {
  response.headers.set("cache-control", "no-store");
  response.headers.set("referrer-policy", "no-referrer");
  return response;
};

/** A person's browser, which shows what it gets: the page can say more, and better, than a problem's JSON. */
const isBrowser = (request: Request): boolean =>
  request.headers.get("accept")?.includes("text/html") === true;

/**
 * Exchanges `GET …?token=<owner's token>` for the session cookie and sends the browser to the same
 * page without the token (303); a wrong token is a 401. Other requests go on. A browser is sent to the page
 * in any case, which then asks for itself what there is and says it.
 *
 * @param welcome called before the cookie is given out; makes sure that the user's room exists
 * @throws Refusal what `welcome` throws, to all but browsers
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
    url.searchParams.delete("token");
    // One slash: `//host` would be another host.
    const location = url.pathname.replace(/^\/+/, "/") + url.search;
    const toPage = (cookie: string | null): Response =>
      discreet(
        new Response(null, {
          status: 303,
          headers: { location, ...(cookie !== null && { "set-cookie": cookie }) },
        }),
      );
    if (!(await isOwnerToken(c.env.CURFEW_TOKEN, token))) {
      if (isBrowser(c.req.raw)) return toPage(null);
      return discreet(
        problemResponse(problem("who-are-you", "The token in the address is not the owner's.")),
      );
    }
    await welcome(OWNER, c.env).catch((error: unknown) => {
      if (!(error instanceof Refusal && isBrowser(c.req.raw))) throw error;
    });
    return toPage(await sessionCookie(c.env, OWNER, url, clock()));
  };
