import { timingSafeEqual } from "hono/utils/buffer";
import type { UserId } from "../protocol/primitives.ts";

/** The one person of an instance. */
export const OWNER: UserId = "owner";

/** Whether `token` is the owner's, in constant time. An instance without a token has no owner. */
export const isOwnerToken = async (ownerToken: string, token: string): Promise<boolean> =>
  ownerToken !== "" && (await timingSafeEqual(ownerToken, token));
