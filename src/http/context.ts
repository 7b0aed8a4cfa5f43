import type { Context, MiddlewareHandler } from "hono";
import { identifyRequest } from "../auth/bearer.ts";
import { enter, NO_SUCH_TOWN } from "../auth/enter.ts";
import type { Env } from "../env.ts";
import { rooms } from "../rooms/rooms.ts";
import type { Receipt } from "../lifecycle/receipt.ts";
import type { UserId } from "../protocol/primitives.ts";
import { problem, Refusal, type Answer, type Problem } from "../protocol/problem.ts";
import type { TownRpc } from "../rooms/town.ts";
import type { Located } from "../rooms/user.ts";
import { problemResponse } from "../refusals/problem-response.ts";

/** What routes find in their context. */
export interface App {
  Bindings: Env;
  Variables: { user: UserId; town: string };
}

/** A problem on its way through code, to be thrown. */
export const refusalOf = ({ kind, detail, receipt }: Problem): Refusal =>
  new Refusal(kind, detail, receipt === undefined ? {} : { receipt });

/** The value of a room's answer. @throws Refusal with the room's own problem */
export const value = <T>(answer: Answer<T>): T => {
  if (answer.ok) return answer.value;
  throw refusalOf(answer.problem);
};

/** Only the owner: everybody else gets a problem, before any room is addressed. */
export const ownerOnly: MiddlewareHandler<App> = async (c, next) => {
  const identity = await identifyRequest(c.req.raw, c.env);
  if (identity.kind === "nobody") return problemResponse(identity.problem);
  if (identity.kind !== "owner")
    return problemResponse(problem("forbidden", "This is for people, not for processes."));
  c.set("user", identity.user);
  return next();
};

/** Where the receipt of a closed account is read. */
const ACCOUNT_RECEIPT = "/api/me/receipt";

/** From here on the owner's room is there. @throws Refusal `gone` when the account is closed */
export const withRoom: MiddlewareHandler<App> = async (c, next) => {
  await foundUser(c.env, c.get("user")).catch((error: unknown) => {
    if (error instanceof Refusal && error.problem.kind === "gone")
      throw new Refusal("gone", "This account is closed and can't come back.", { receipt: ACCOUNT_RECEIPT });
    throw error;
  });
  return next();
};

/** Users whose room this isolate has seen to; founding again would be harmless, but it is a request. */
const founded = new Set<UserId>();

/** The Worker founds the owner's room at the first sign-in. */
export const foundUser = async (env: Env, user: UserId): Promise<void> => {
  if (founded.has(user)) return;
  const now = Date.now();
  value(
    await rooms(env)
      .user(user)
      .found({ id: `user:${user}`, issuedAt: now, expiresAt: now + 60_000, user }),
  );
  founded.add(user);
};

/**
 * Closes a user's account: every town of theirs ends, then their room. Answers with its receipt; asked
 * again, it goes on and says how far it is.
 */
export const closeUser = (env: Env, user: UserId): Promise<Receipt> => {
  founded.delete(user);
  return rooms(env).user(user).destroy({ cause: "the account was closed" });
};

/** How far the end of a closed account is; looking drives nothing. @throws Refusal `not-found` while it lives */
export const accountReceipt = async (env: Env, user: UserId): Promise<Receipt> => {
  const { receipt } = await rooms(env).user(user).probe();
  if (receipt === null) throw new Refusal("not-found", "The account is open: there is no receipt.");
  return receipt;
};

/** The town in the path, as its owner knows it. @throws Refusal `not-found` */
export const locate = async (c: Context<App>): Promise<Located> => {
  const town = c.req.param("town") ?? "";
  const located = value(await rooms(c.env).user(c.get("user")).locate(town));
  if (located === null) throw refusalOf(NO_SUCH_TOWN);
  return located;
};

/** The room of the living town in the path. @throws Refusal `not-found` · `gone` · `unavailable` */
export const openTown = async (c: Context<App>): Promise<TownRpc> => {
  const town = c.req.param("town") ?? "";
  const problem = await enter(rooms(c.env).user(c.get("user")), town);
  if (problem !== null) throw refusalOf(problem);
  return rooms(c.env).town(town);
};
