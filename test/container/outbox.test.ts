import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Link } from "../../container/link/link.ts";
import { Outbox } from "../../container/link/outbox.ts";
import { type AgentNews, agentRules } from "../../container/link/rules.ts";
import { AgentDown, type AgentEvent } from "../../src/protocol/container/agent-up.ts";
import { parseFrame } from "../../src/protocol/parse.ts";
import { ModelRoom, transcriptOf } from "./support/model-room.ts";

const run = { runId: "r1", fence: 1 };

const linkTo = (room: ModelRoom, outbox = new Outbox(agentRules)) =>
  new Link<AgentNews, AgentDown>({
    dial: room.dial,
    path: "parties/agent/t.mayor",
    outbox,
    hello: () => ({ type: "hello", version: 1, boot: "boot", life: 1 }),
    frame: ({ n, event }) => ({ type: "event", boot: "boot", n, ...event }),
    parse: (text) => parseFrame(AgentDown, text),
    batchMs: 3_600_000, // What is gathered is sent when the test says so.
  });

/**
 * Whatever happens to the connection, and whenever: once it works again for long enough, the room has
 * every event once, each entry is whole, and entries began in the order in which the agent made them.
 * The room itself throws when a number is left out.
 */
describe("An outbox behind a connection that breaks at any moment", () => {
  const ids = fc.constantFrom("a", "b", "c");
  const event: fc.Arbitrary<AgentEvent> = fc.oneof(
    fc.record({
      type: fc.constant("text" as const),
      id: ids.map((id) => `text-${id}`),
      append: fc.string({ minLength: 1 }),
    }),
    fc.record(
      {
        type: fc.constant("tool" as const),
        id: ids.map((id) => `tool-${id}`),
        title: fc.string(),
        status: fc.constantFrom("pending" as const, "in_progress" as const, "completed" as const),
        input: fc.string(),
        output: fc.string(),
      },
      { requiredKeys: ["type", "id", "title", "status"] },
    ),
    fc.record({
      type: fc.constant("plan" as const),
      id: fc.constant("plan"),
      items: fc.constant<{ text: string; status: string }[]>([]),
    }),
  );
  const step = fc.oneof(
    { weight: 4, arbitrary: event.map((event) => ({ do: "say" as const, event })) },
    { weight: 3, arbitrary: fc.constant({ do: "carryUp" as const }) },
    { weight: 3, arbitrary: fc.constant({ do: "carryDown" as const }) },
    { weight: 2, arbitrary: fc.constant({ do: "flush" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "cut" as const }) },
    { weight: 2, arbitrary: fc.constant({ do: "connect" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "reopen" as const }) },
  );

  test("loses nothing, doubles nothing and keeps the order", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const room = new ModelRoom();
        const link = linkTo(room);
        const said: AgentEvent[] = [];
        link.open();
        for (const step of steps) {
          if (step.do === "say") {
            said.push(step.event);
            link.send({ ...run, event: step.event });
          } else if (step.do === "flush") link.flush();
          else if (step.do === "reopen") {
            link.close();
            link.open();
          } else room[step.do]();
        }
        room.connect();
        room.carryAll();
        link.flush();
        room.carryAll();
        link.close();
        expect(transcriptOf(room.events)).toEqual(transcriptOf(said));
      }),
      { numRuns: 500 },
    );
  });
});

describe("An outbox", () => {
  const text = (append: string, id = "r1/text-1"): AgentNews => ({
    ...run,
    event: { type: "text", id, append },
  });

  test("sends a stream of tokens as one piece, and begins another once it was sent", () => {
    const outbox = new Outbox(agentRules);
    for (const token of ["Hel", "lo", " ", "you"]) outbox.push(text(token));
    expect(outbox.take()).toEqual([{ n: 1, event: text("Hello you") }]);
    outbox.push(text("!"));
    expect(outbox.take()).toEqual([{ n: 2, event: text("!") }]);
  });

  test("never changes what was sent, not even when it has to be sent again", () => {
    const outbox = new Outbox(agentRules);
    outbox.push(text("one"));
    outbox.take();
    outbox.disconnected();
    outbox.push(text("two"));
    expect(outbox.take()).toEqual([
      { n: 1, event: text("one") },
      { n: 2, event: text("two") },
    ]);
  });

  test("doesn't fold pieces of different runs together", () => {
    const outbox = new Outbox(agentRules);
    outbox.push(text("one"));
    outbox.push({ ...text("two"), runId: "r2" });
    expect(outbox.take()).toHaveLength(2);
  });

  test("stays small while nobody answers: text is left out and said to be, a tool's end is not", () => {
    const outbox = new Outbox(agentRules);
    const megabyte = "x".repeat(1024 * 1024);
    for (let i = 0; i < 50; i += 1) {
      outbox.push(text(megabyte, `r1/text-${i}`));
      const tool = {
        type: "tool",
        id: `r1/tool-${i}`,
        title: "t",
        status: "completed",
        output: megabyte,
      } as const;
      outbox.push({ ...run, event: tool });
    }
    const kept = outbox.take().map(({ event }) => event.event);
    expect(JSON.stringify(kept).length).toBeLessThan(5 * 1024 * 1024);
    expect(kept.filter((event) => event.type === "tool")).toHaveLength(50);
    expect(kept.filter((event) => event.type === "notice")).toMatchObject([{ level: "warning" }]);
  });

  test("is drained when the last event was acknowledged, not before", async () => {
    const room = new ModelRoom();
    const link = linkTo(room);
    link.open();
    link.send(text("one"));
    const seen: string[] = [];
    const drained = link.drained(new AbortController().signal).then(() => seen.push("drained"));
    room.connect();
    room.carryUp();
    room.carryDown();
    room.carryUp();
    await Promise.resolve();
    seen.push("arrived");
    room.carryDown();
    await drained;
    expect(seen).toEqual(["arrived", "drained"]);
    link.close();
  });

  test("waits for no room that has closed for good, and goes on where it was if it comes back", async () => {
    const room = new ModelRoom();
    const link = linkTo(room);
    link.open();
    room.connect();
    link.send(text("one"));
    const drained = link.drained(new AbortController().signal);
    room.end(4404);
    await drained;
    link.send(text("to nobody"));
    link.open();
    link.send(text("two", "r1/text-2"));
    room.connect();
    room.carryAll();
    link.flush();
    room.carryAll();
    link.close();
    expect(room.events).toEqual([text("one").event, text("two", "r1/text-2").event]);
  });

  test("doesn't keep anybody waiting for longer than they want", async () => {
    const room = new ModelRoom();
    const link = linkTo(room);
    link.open();
    link.send(text("one"));
    const enough = new AbortController();
    const drained = link.drained(enough.signal);
    enough.abort();
    await drained;
    link.close();
    expect(room.events).toEqual([]);
  });
});
