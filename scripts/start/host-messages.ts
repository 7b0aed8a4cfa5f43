import * as v from "valibot";

/** The script → the process that hosts workerd; the first and only order. Secrets travel here, unseen. */
export const ServeOrder = v.object({
  type: v.literal("serve"),
  hostname: v.string(),
  port: v.number(),
  /** Where the Worker's storage is kept. */
  persistTo: v.string(),
  /** Docker, or what stands for it. */
  engine: v.object({ address: v.string(), sideCarImage: v.string() }),
  /** The image of all containers. */
  image: v.string(),
  /** What the Worker gets beside the bindings of wrangler.jsonc. */
  secrets: v.record(v.string(), v.string()),
  /** From one sweep to the next. */
  sweepEveryMs: v.number(),
});
export type ServeOrder = v.InferOutput<typeof ServeOrder>;

export const ToHost = v.variant("type", [
  ServeOrder,
  /** The Worker was built anew: run that one. */
  v.object({ type: v.literal("reload") }),
  /** Closing the channel means the same, so that a killed script leaves no host behind. */
  v.object({ type: v.literal("stop") }),
]);
export type ToHost = v.InferOutput<typeof ToHost>;

/** The host → the script. After `failed` and `died` the host is of no use any more: kill its group. */
export const FromHost = v.variant("type", [
  /** A step that takes its time: `Preparing the ledger …` */
  v.object({ type: v.literal("doing"), line: v.string() }),
  v.object({ type: v.literal("ready") }),
  /** The Worker runs anew, or this is why it doesn't; then another reload may do better. */
  v.object({ type: v.literal("reloaded"), fault: v.nullable(v.string()) }),
  /** It can't do what it was told; the reason is one that trying again won't change. */
  v.object({ type: v.literal("failed"), reason: v.string() }),
  /** It served, and its runtime ended by itself. */
  v.object({ type: v.literal("died"), reason: v.string() }),
]);
export type FromHost = v.InferOutput<typeof FromHost>;
