import * as v from "valibot";
import { Cursor } from "../page.ts";
import { Seq, UserId } from "../primitives.ts";
import { TownSummary } from "../town.ts";

/**
 * Room `User` → page, on `/parties/user/:user[?after=<seq>]`. The snapshot holds the newest 100 towns that
 * aren't gone, newest first, or with `after` those that changed since. A town that is gone comes once as `gone`.
 */
export const UserFrame = v.variant("type", [
  v.object({
    type: v.literal("snapshot"),
    version: v.number(),
    seq: Seq,
    since: v.nullable(Seq),
    user: UserId,
    towns: v.array(TownSummary),
    /** The cursor of the towns before these; `null`: there are none, or only what changed is told. */
    earlier: v.nullable(Cursor),
  }),
  v.object({ type: v.literal("delta"), seq: Seq, towns: v.array(TownSummary) }),
]);
export type UserFrame = v.InferOutput<typeof UserFrame>;
