import type { ContentBlock, SessionUpdate, ToolCallContent } from "@agentclientprotocol/sdk";
import type { AgentEvent } from "../../src/protocol/container/agent-up.ts";
import { plainLine, plainText } from "../../src/protocol/text.ts";
import { head, headBytes, tail, tailBytes } from "../text/clip.ts";

type ToolEvent = AgentEvent & { type: "tool" };

const MAX_TOOL_BYTES = 16 * 1024;
const MAX_TITLE = 200;
const MAX_SAID = 4000;

const plain = (content: ContentBlock): string => {
  switch (content.type) {
    case "text":
      return plainText(content.text);
    case "resource_link":
      return plainText(content.uri);
    case "resource":
      return plainText("text" in content.resource ? content.resource.text : content.resource.uri);
    case "image":
    case "audio":
      return `[${content.type}]`;
  }
};

const shown = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  return plainText(typeof value === "string" ? value : JSON.stringify(value));
};

const outputOf = (
  content: readonly ToolCallContent[] | null | undefined,
  raw: unknown,
): string | undefined => {
  if (!content || content.length === 0) return shown(raw);
  return content
    .map((item) => {
      if (item.type === "content") return plain(item.content);
      return item.type === "diff" ? plainLine(`changed ${item.path}`) : "";
    })
    .join("\n");
};

/** The entry that chunks are being appended to. */
interface Chunked {
  readonly type: "text" | "thought";
  readonly message: string | null;
  readonly id: string;
}

/**
 * Turns what an agent sends during one run into events of its transcript. Chunks of one message
 * become pieces of one entry; anything in between begins a new one.
 */
export class Translator {
  readonly #runId: string;
  readonly #tools = new Map<string, ToolEvent>();
  #entries = 0;
  #open: Chunked | null = null;
  #said = "";

  constructor(runId: string) {
    this.#runId = runId;
  }

  /** The last message of the agent, or its end if it is long. */
  get said(): string {
    return this.#said;
  }

  /** @returns `null` for what a transcript doesn't show */
  translate(update: SessionUpdate): AgentEvent | null {
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
        return this.#chunk("text", update.messageId ?? null, plain(update.content));
      case "agent_thought_chunk":
        return this.#chunk("thought", update.messageId ?? null, plain(update.content));
      case "tool_call":
      case "tool_call_update":
        return this.#tool(update);
      case "plan":
        return {
          type: "plan",
          id: `${this.#runId}/plan`,
          items: update.entries.map(({ content, status }) => ({
            text: plainText(content),
            status: plainLine(status),
          })),
        };
      case "notice":
        return this.#notice(update.severity, [update.title, update.description ?? ""].join("\n").trim());
      default:
        return null;
    }
  }

  #chunk(type: "text" | "thought", message: string | null, append: string): AgentEvent | null {
    if (append === "") return null;
    if (this.#open?.type !== type || this.#open.message !== message) {
      this.#open = { type, message, id: this.#newId(type) };
      if (type === "text") this.#said = "";
    }
    if (type === "text") this.#said = tail(this.#said + append, MAX_SAID);
    return { type, id: this.#open.id, append };
  }

  #tool(update: SessionUpdate & { sessionUpdate: "tool_call" | "tool_call_update" }): AgentEvent {
    this.#open = null;
    const before = this.#tools.get(update.toolCallId);
    const input = shown(update.rawInput);
    const output = outputOf(update.content, update.rawOutput);
    const event: ToolEvent = {
      type: "tool",
      id: before?.id ?? this.#newId("tool"),
      title: head(plainLine(update.title ?? "") || before?.title || "tool", MAX_TITLE),
      status: update.status ?? before?.status ?? "pending",
      ...(input !== undefined && { input: headBytes(input, MAX_TOOL_BYTES) }),
      ...(output !== undefined && { output: tailBytes(output, MAX_TOOL_BYTES) }),
    };
    this.#tools.set(update.toolCallId, event);
    return event;
  }

  #notice(severity: string, text: string): AgentEvent {
    this.#open = null;
    const level = severity === "error" || severity === "warning" ? severity : "info";
    return { type: "notice", id: this.#newId("notice"), level, text: plainText(text) };
  }

  /** Unique within the boot, since a run's id is; an agent's own ids may come again in its next turn. */
  #newId(kind: string): string {
    this.#entries += 1;
    return `${this.#runId}/${kind}-${this.#entries}`;
  }
}
