import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CloseCode } from "../../src/protocol/close-codes.ts";
import { AgentEvent } from "../../src/protocol/container/agent-up.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import { parse } from "../../src/protocol/parse.ts";
import { agentEvent, shown, told } from "./events.ts";
import { allPages } from "../support/all-pages.ts";
import { openWorld, type World } from "./world.ts";

const say = (id: string, append: string): AgentEvent => ({ type: "text", id, append });

const transcript = (world: World): Entry[] =>
  allPages((query) => world.agent.transcript(null, query)).toReversed();

/** A world whose agent has the live run with fence 1, and whose container said hello. */
const atWork = (): World => {
  const world = openWorld();
  world.begin(1);
  world.hello();
  return world;
};

/**
 * The control server's side of the connection: it keeps an event until it is acknowledged, and after
 * a reconnect goes on behind what the room says it has.
 */
const sendRest = (world: World, events: readonly AgentEvent[], acknowledged: number): void => {
  const welcome = world.hello();
  if (typeof welcome === "number" || welcome.type !== "welcome")
    throw new Error(`refused: ${JSON.stringify(welcome)}`);
  const from = Math.max(acknowledged, welcome.after);
  for (let n = from + 1; n <= events.length; n += 1) {
    const event = events[n - 1];
    if (event !== undefined) expect(world.tell({ n, event })).toEqual({ type: "ack", n });
  }
};

describe("what the container says of an agent", () => {
  test("W8, M5: frames that are lost, doubled and out of order make each entry once, its pieces in order", () => {
    fc.assert(
      fc.property(
        fc.array(agentEvent, { minLength: 1, maxLength: 12 }),
        fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat() }, fc.constant("evict" as const)), {
          maxLength: 30,
        }),
        (events, arrivals) => {
          const world = atWork();
          let acknowledged = 0;
          for (const arrival of arrivals) {
            if (arrival === "evict") {
              world.evict();
              continue;
            }
            const n = 1 + (arrival % events.length);
            const answer = world.tell({ n, event: events[n - 1] ?? say("a", "") });
            if (typeof answer !== "number" && answer.type === "ack")
              acknowledged = Math.max(acknowledged, answer.n);
          }
          sendRest(world, events, acknowledged);
          expect(transcript(world).map(shown)).toEqual(told(events.map((event) => parse(AgentEvent, event))));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("W8: an event that comes before its turn is not taken, and the container is asked to begin anew", () => {
    const world = atWork();
    world.tell({ n: 1, event: say("a", "one") });
    expect(world.tell({ n: 3, event: say("a", " three") })).toBe(CloseCode.tryAgain);
    expect(transcript(world).map(shown)).toEqual([{ kind: "text", text: "one" }]);
    expect(world.hello()).toMatchObject({ type: "welcome", after: 1 });
  });

  test("M6: a stale fence and a run that was lost change nothing, yet are acknowledged", () => {
    const world = atWork();
    expect(world.tell({ n: 1, fence: 7, event: say("a", "of another run") })).toEqual({ type: "ack", n: 1 });
    world.end(1, "queued");
    expect(world.tell({ n: 2, event: say("a", "of a run that is tried again") })).toEqual({
      type: "ack",
      n: 2,
    });
    world.begin(2);
    expect(world.tell({ n: 3, event: say("a", "of the run before") })).toEqual({ type: "ack", n: 3 });
    expect(transcript(world)).toEqual([]);
    world.tell({ n: 4, fence: 2, event: say("a", "now") });
    expect(transcript(world).map(shown)).toEqual([{ kind: "text", text: "now" }]);
  });

  test("M6: the last words of a run that has its result are heard until the next one begins", () => {
    const world = atWork();
    world.end(1);
    world.tell({ n: 1, event: say("a", "on their way") });
    world.begin(2);
    world.tell({ n: 2, event: say("a", ", and too late") });
    expect(transcript(world).map(shown)).toEqual([{ kind: "text", text: "on their way" }]);
  });

  test("M6: a word of the Town that comes late doesn't bring an older run back", () => {
    const world = atWork();
    world.begin(2);
    world.begin(1);
    world.end(1);
    world.tell({ n: 1, fence: 2, event: say("a", "mine") });
    expect(transcript(world).map(shown)).toEqual([{ kind: "text", text: "mine" }]);
  });

  test("M6: a beginning that is told again after its end begins nothing", () => {
    const world = atWork();
    world.end(1, "queued");
    world.begin(1);
    world.tell({ n: 1, event: say("a", "of a run that is over") });
    expect(transcript(world)).toEqual([]);
  });

  test("C2: a container that was replaced is told so, and a new one begins at 1", () => {
    const world = atWork();
    world.tell({ n: 1, event: say("a", "old") });
    expect(world.hello("new", 2)).toMatchObject({ type: "welcome", after: 0 });
    expect(world.tell({ n: 2, event: say("a", " more") })).toBe(CloseCode.gone);
    expect(world.hello("boot", 1)).toBe(CloseCode.gone);
    world.tell({ boot: "new", n: 1, event: say("a", "new") });
    expect(transcript(world).map(shown)).toEqual([
      { kind: "text", text: "old" },
      { kind: "text", text: "new" },
    ]);
  });

  test("with a run, what it has left open is over: its tool calls count as failed, those of a later run go on", () => {
    const world = atWork();
    const tool = (id: string, status: "in_progress" | "completed"): AgentEvent =>
      ({ type: "tool", id, title: id, status }) as const;
    world.tell({ n: 1, event: tool("done", "completed") });
    world.tell({ n: 2, event: tool("cut off", "in_progress") });
    world.begin(2);
    world.tell({ n: 3, fence: 2, event: tool("next", "in_progress") });
    world.end(1);
    const states = (): unknown[] => transcript(world).map((entry) => "status" in entry && entry.status);
    expect(states()).toEqual(["completed", "failed", "in_progress"]);
    world.end(2);
    expect(states()).toEqual(["completed", "failed", "failed"]);
  });

  test("a text that becomes too long is cut with a word about it, and later pieces are left out", () => {
    const world = atWork();
    const piece = "0123456789".repeat(10_000);
    for (let n = 1; n <= 6; n += 1) world.tell({ n, event: say("long", piece) });
    world.tell({ n: 7, event: say("at once", piece.repeat(6)) });
    for (const entry of transcript(world)) {
      const text = "text" in entry ? entry.text : "";
      expect(text.slice(0, 400_000)).toBe(piece.repeat(4));
      expect(text.slice(400_000)).toBe("\n… (cut here: the entry became too long)");
    }
  });

  test("what a tool shows is kept to 16,384 characters each way, so that no entry outgrows its row", () => {
    const world = atWork();
    const huge = "é".repeat(2_000_000);
    const event = {
      type: "tool",
      id: "t",
      title: huge,
      status: "completed",
      input: huge,
      output: huge,
    } as const;
    expect(world.tell({ n: 1, event })).toEqual({ type: "ack", n: 1 });
    const [entry] = transcript(world);
    if (entry?.kind !== "tool") throw new Error("no tool entry");
    for (const text of [entry.input, entry.output]) {
      expect(text.slice(0, 16_384)).toBe("é".repeat(16_384));
      expect(text.slice(16_384)).toBe("\n… (cut here: the entry became too long)");
    }
  });
});
