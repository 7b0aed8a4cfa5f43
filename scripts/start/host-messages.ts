import * as v from "valibot";

/** The script → the process that hosts wrangler; the first and only order. Secrets travel here, unseen. */
export const ServeOrder = v.object({
  type: v.literal("serve"),
  hostname: v.string(),
  port: v.number(),
  /** Where the Worker's storage is kept. */
  persistTo: v.string(),
  /** Tells this instance's images in Docker from other instances'. */
  imageTag: v.string(),
  /** What the Worker gets beside the bindings of wrangler.jsonc. */
  secrets: v.record(v.string(), v.string()),
});
export type ServeOrder = v.InferOutput<typeof ServeOrder>;

/** Closing the channel means the same, so that a killed script leaves no host behind. */
export const ToHost = v.variant("type", [ServeOrder, v.object({ type: v.literal("stop") })]);
export type ToHost = v.InferOutput<typeof ToHost>;

/** The host → the script. After `failed` and `died` the host is of no use any more: kill its group. */
export const FromHost = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  /** It never got to serve; the reason is one that trying again won't change. */
  v.object({ type: v.literal("failed"), reason: v.string() }),
  /** It served, and its runtime ended by itself. */
  v.object({ type: v.literal("died"), reason: v.string() }),
]);
export type FromHost = v.InferOutput<typeof FromHost>;
