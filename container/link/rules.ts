import type { AgentEvent } from "../../src/protocol/container/agent-up.ts";
import type { TownEvent } from "../../src/protocol/container/town-up.ts";
import type { OutboxRules } from "./outbox.ts";

/** What an agent said or did, and in which run. */
export interface AgentNews {
  readonly runId: string;
  readonly fence: number;
  readonly event: AgentEvent;
}

/** A piece of text grows to this many characters before the next one is begun. */
const MAX_PIECE = 64 * 1024;
/** Characters that may wait for an agent's room before streamed output is left out. */
const MAX_WAITING = 4 * 1024 * 1024;

const LEFT_OUT = "Some output is left out here: the town could not be reached for too long.";

const textOf = (event: AgentEvent): string => {
  switch (event.type) {
    case "text":
    case "thought":
      return event.append;
    case "tool":
      return `${event.title}${event.input ?? ""}${event.output ?? ""}`;
    case "plan":
      return event.items.map((item) => item.text + item.status).join("");
    case "notice":
      return event.text;
  }
};

const mergeEvents = (previous: AgentEvent, next: AgentEvent): AgentEvent | null => {
  if (previous.type === "text" || previous.type === "thought") {
    if (next.type !== previous.type) return null;
    if (previous.append.length + next.append.length > MAX_PIECE) return null;
    return { ...previous, append: previous.append + next.append };
  }
  // The room reads a tool's missing input or output as "as before", and so must we.
  if (previous.type === "tool") return next.type === "tool" ? { ...previous, ...next } : null;
  return previous.type === next.type ? next : null;
};

const shrink = ({ runId, event }: AgentNews): AgentEvent => {
  switch (event.type) {
    case "text":
    case "thought":
      return { type: "notice", id: `${runId}/left-out`, level: "warning", text: LEFT_OUT };
    case "tool":
      return { type: "tool", id: event.id, title: event.title, status: event.status };
    case "plan":
    case "notice":
      return event;
  }
};

/** Streamed output is folded while it waits, and bounded. */
export const agentRules: OutboxRules<AgentNews> = {
  entry: ({ runId, event }) => `${runId} ${event.id}`,
  merge: (previous, next) => {
    const event = mergeEvents(previous.event, next.event);
    return event && { ...next, event };
  },
  size: ({ event }) => textOf(event).length + 100,
  maxSize: MAX_WAITING,
  shrink: (news) => ({ ...news, event: shrink(news) }),
};

/** The Town's events are few, each matters, and none is ever left out. */
export const townRules: OutboxRules<TownEvent> = {
  entry: () => null,
  merge: () => null,
  size: () => 0,
  maxSize: Number.POSITIVE_INFINITY,
  shrink: (event) => event,
};
