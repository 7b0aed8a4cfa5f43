import fc from "fast-check";
import type { AgentEvent } from "../../src/protocol/container/agent-up.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import { plainLine } from "../../src/protocol/text.ts";

/** As it is in the room: made plain. */
const text = fc.string({ unit: "grapheme", maxLength: 12 }).map(plainLine);
/** Few ids, so that events of one entry follow each other and interleave with others. */
const id = fc.constantFrom("a", "b", "c");

/** What a container may say of an agent; an id always names an entry of the same kind. */
export const agentEvent: fc.Arbitrary<AgentEvent> = fc
  .oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constantFrom("text", "thought"), id, append: text }) },
    fc.record(
      {
        type: fc.constant("tool" as const),
        id,
        title: text,
        status: fc.constantFrom("pending", "in_progress", "completed", "failed"),
        input: text,
        output: text,
      },
      { requiredKeys: ["type", "id", "title", "status"] },
    ),
    fc.record({ type: fc.constant("plan" as const), id, items: fc.array(fc.record({ text, status: text })) }),
    fc.record({ type: fc.constant("notice" as const), id, level: fc.constant("info" as const), text }),
  )
  .map((event) => ({ ...event, id: `${event.type}-${event.id}` }));

/** What an entry shows: all but its place, time and counters. */
export const shown = (entry: Entry): object => {
  const { id: _id, seq: _seq, at: _at, run: _run, ...rest } = entry;
  return rest;
};

/** The transcript that events make when each arrives once and in order, told without a room. */
export const told = (events: readonly AgentEvent[]): object[] => {
  const entries = new Map<string, Record<string, unknown>>();
  for (const event of events) {
    const before = entries.get(event.id);
    switch (event.type) {
      case "text":
      case "thought":
        entries.set(event.id, { kind: event.type, text: String(before?.["text"] ?? "") + event.append });
        break;
      case "tool":
        entries.set(event.id, {
          kind: "tool",
          title: event.title,
          status: event.status,
          input: event.input ?? before?.["input"] ?? "",
          output: event.output ?? before?.["output"] ?? "",
        });
        break;
      case "plan":
        entries.set(event.id, { kind: "plan", items: event.items });
        break;
      case "notice":
        if (before === undefined)
          entries.set(event.id, { kind: "notice", text: event.text, level: event.level });
    }
  }
  return [...entries.values()];
};
