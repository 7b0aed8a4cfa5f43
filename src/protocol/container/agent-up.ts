import * as v from "valibot";
import { ToolStatus } from "../entry.ts";
import { Fence, RunId } from "../primitives.ts";
import { Text, Line } from "../text.ts";

/** An entry's id within a boot: the same id again is the same entry. */
const id = v.pipe(v.string(), v.maxLength(100));

/** Control server → Agent room: what the agent said and did. Text comes in pieces that are appended. */
export const AgentEvent = v.variant("type", [
  v.object({ type: v.picklist(["text", "thought"]), id, append: Text }),
  v.object({
    type: v.literal("tool"),
    id,
    title: Line,
    status: ToolStatus,
    /** Left out: as before. */
    input: v.optional(Text),
    output: v.optional(Text),
  }),
  v.object({
    type: v.literal("plan"),
    id,
    items: v.array(v.object({ text: Text, status: Line })),
  }),
  v.object({
    type: v.literal("notice"),
    id,
    level: v.picklist(["info", "warning", "error"]),
    text: Text,
  }),
]);
export type AgentEvent = v.InferOutput<typeof AgentEvent>;

/** Numbered from 1 per boot and agent, sent again until acknowledged. */
export const AgentUp = v.variant("type", [
  v.object({ type: v.literal("hello"), version: v.number(), boot: v.string(), life: v.number() }),
  v.object({
    type: v.literal("event"),
    boot: v.string(),
    n: v.number(),
    runId: RunId,
    fence: Fence,
    event: AgentEvent,
  }),
]);
export type AgentUp = v.InferOutput<typeof AgentUp>;

export const AgentDown = v.variant("type", [
  v.object({ type: v.literal("welcome"), version: v.number(), after: v.number() }),
  v.object({ type: v.literal("ack"), n: v.number() }),
]);
export type AgentDown = v.InferOutput<typeof AgentDown>;
