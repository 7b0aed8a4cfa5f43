import { type Problem, problem } from "../protocol/problem.ts";
import type { UserId } from "../protocol/primitives.ts";
import { bearerToken } from "./bearer-token.ts";
import { isOwnerToken, OWNER } from "./owner.ts";
import { isFromOwnPage } from "./same-origin.ts";
import { type SessionSecrets, sessionUser } from "./session.ts";
import { type Claims, readToken } from "./token.ts";

/** Who asks. A process is what its signed token says; whether it still lives is the Town's to know. */
export type Identity =
  | { readonly kind: "owner"; readonly user: UserId }
  | Readonly<Claims>
  /** `who-are-you` (401, 4401), or `forbidden` (403, 4403) for a cookie that another page sent. */
  | { readonly kind: "nobody"; readonly problem: Problem };

const nobody = (problem: Problem): Identity => ({ kind: "nobody", problem });

const byToken = async (token: string, env: SessionSecrets): Promise<Identity> => {
  if (await isOwnerToken(env.CURFEW_TOKEN, token)) return { kind: "owner", user: OWNER };
  return (
    (await readToken(env.CURFEW_SECRET, token)) ??
    nobody(problem("who-are-you", "The bearer token is not valid here."))
  );
};

/**
 * The one place where a request gets its identity. An `Authorization` header decides alone; only
 * without one does the page's cookie count, and only if our own page sent the request.
 */
export const identifyRequest = async (
  request: Request,
  env: SessionSecrets,
  now: number = Date.now(),
): Promise<Identity> => {
  if (request.headers.has("authorization")) return byToken(bearerToken(request) ?? "", env);
  const user = await sessionUser(env, request, now);
  if (user === null) {
    return nobody(problem("who-are-you", "Send a bearer token, or open the page with the owner's token."));
  }
  if (!isFromOwnPage(request)) return nobody(problem("forbidden", "The request comes from another origin."));
  return { kind: "owner", user };
};
