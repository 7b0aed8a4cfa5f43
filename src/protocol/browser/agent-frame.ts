import * as v from "valibot";
import { Entry } from "../entry.ts";
import { Cursor } from "../page.ts";
import { AgentName, Seq } from "../primitives.ts";

/**
 * Room `Agent` → page, on `/parties/agent/:town.:agent[?after=<seq>]`. The snapshot holds the last 200
 * entries (fewer, where they are long), or with `after` all that changed since. `append` adds `text` to the entry `id` at `offset`
 * (in UTF-16 units); a page whose text is not that long has missed something and connects again.
 */
export const AgentFrame = v.variant("type", [
  v.object({
    type: v.literal("snapshot"),
    version: v.number(),
    seq: Seq,
    since: v.nullable(Seq),
    agent: AgentName,
    entries: v.array(Entry),
    /** The cursor of the entries before these; `null`: there are none, or only what changed is told. */
    earlier: v.nullable(Cursor),
  }),
  v.object({ type: v.literal("entry"), seq: Seq, entry: Entry }),
  v.object({
    type: v.literal("append"),
    seq: Seq,
    id: v.number(),
    offset: v.number(),
    text: v.string(),
  }),
]);
export type AgentFrame = v.InferOutput<typeof AgentFrame>;
