import { randomUUID } from "node:crypto";
import {
  type AgentContext,
  methods,
  type SessionUpdate,
  type ToolCallUpdate,
} from "@agentclientprotocol/sdk";

/** How the agent is heard during one turn. */
export interface Voice {
  /** Says a text as one message, in pieces. */
  say(text: string): Promise<void>;
  /** The first call with an id shows a tool call, later ones change it. */
  tool(update: ToolCallUpdate & { readonly title: string }): Promise<void>;
}

const WORDS_PER_PIECE = 8;

/** The text in pieces of some words; put together again they are the text. */
export const pieces = (text: string): string[] => {
  const words = text.match(/\s*\S+|\s+$/g) ?? [];
  const count = Math.ceil(words.length / WORDS_PER_PIECE);
  return Array.from({ length: count }, (_, i) =>
    words.slice(i * WORDS_PER_PIECE, (i + 1) * WORDS_PER_PIECE).join(""),
  );
};

/** Speaks to the client that asked. */
export const voiceOf = (client: AgentContext, sessionId: string): Voice => {
  const shown = new Set<string>();
  const update = (what: SessionUpdate): Promise<void> =>
    client.notify(methods.client.session.update, { sessionId, update: what });
  return {
    async say(text) {
      const messageId = randomUUID();
      for (const piece of pieces(text)) {
        const content = { type: "text", text: piece } as const;
        await update({ sessionUpdate: "agent_message_chunk", messageId, content });
      }
    },
    async tool(call) {
      const isFirst = !shown.has(call.toolCallId);
      shown.add(call.toolCallId);
      if (!isFirst) return update({ sessionUpdate: "tool_call_update", ...call });
      const { toolCallId, title, rawInput } = call;
      const status = call.status ?? "pending";
      return update({ sessionUpdate: "tool_call", toolCallId, title, rawInput, status, kind: "execute" });
    },
  };
};
