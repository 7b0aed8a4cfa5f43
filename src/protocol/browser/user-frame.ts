import * as v from "valibot";
import { Seq, UserId } from "../primitives.ts";
import { TownSummary } from "../town.ts";

/** Room `User` → page, on `/parties/user/:user[?after=<seq>]`. A town that is gone comes once as `gone`. */
export const UserFrame = v.variant("type", [
  v.object({
    type: v.literal("snapshot"),
    version: v.number(),
    seq: Seq,
    since: v.nullable(Seq),
    user: UserId,
    towns: v.array(TownSummary),
  }),
  v.object({ type: v.literal("delta"), seq: Seq, towns: v.array(TownSummary) }),
]);
export type UserFrame = v.InferOutput<typeof UserFrame>;
