import * as v from "valibot";
import { RunId, Seq, Timestamp } from "./primitives.ts";

/**
 * One entry of an agent's transcript. `id` is its place, for ever; `seq` grows when it changes
 * (text streams into the last entry, a tool call's status moves on). A page replaces by `id`.
 */
const common = {
  id: v.number(),
  seq: Seq,
  at: Timestamp,
  run: v.nullable(RunId),
};

export const MessageState = v.picklist(["queued", "delivered", "done", "cancelled", "failed"]);
export type MessageState = v.InferOutput<typeof MessageState>;

export const ToolStatus = v.picklist(["pending", "in_progress", "completed", "failed"]);

export const Entry = v.variant("kind", [
  v.object({
    ...common,
    kind: v.literal("user"),
    /** The client's id of the message. */
    message: v.string(),
    text: v.string(),
    state: MessageState,
  }),
  v.object({ ...common, kind: v.literal("text"), text: v.string() }),
  v.object({ ...common, kind: v.literal("thought"), text: v.string() }),
  v.object({
    ...common,
    kind: v.literal("tool"),
    title: v.string(),
    status: ToolStatus,
    /** As the agent shows it: JSON or plain text, 16 KiB each at most. */
    input: v.string(),
    output: v.string(),
  }),
  v.object({
    ...common,
    kind: v.literal("plan"),
    items: v.array(v.object({ text: v.string(), status: v.string() })),
  }),
  v.object({
    ...common,
    kind: v.literal("notice"),
    level: v.picklist(["info", "warning", "error"]),
    text: v.string(),
  }),
]);
export type Entry = v.InferOutput<typeof Entry>;
