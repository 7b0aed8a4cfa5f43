import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import { GAP } from "../../client/state/merge.ts";
import { reduceAgent, type Transcript, withEarlier } from "../../client/state/reduce-agent.ts";
import { AgentWorld, happenings } from "./agent-world.ts";

const must = (state: Transcript | null, frame: AgentFrame): Transcript => {
  const next = reduceAgent(state, frame);
  if (next === GAP) throw new Error(`a gap at ${JSON.stringify(frame)}`);
  return next;
};

const world = (...texts: string[]) => {
  const made = new AgentWorld();
  for (const text of texts) made.happen({ does: "writes", text });
  return made;
};

describe("a transcript on the page", () => {
  // Whatever happens in the room, and wherever the socket breaks (frames that were sent are lost, or come
  // twice because the page had them already), the page ends with what the room has: nothing missing, nothing
  // twice.
  it("is the room's own, however often the socket breaks and resumes", () => {
    fc.assert(
      fc.property(
        happenings,
        fc.infiniteStream(fc.constantFrom("arrives", "arrives", "arrives", "twice", "break")),
        (story, fates) => {
          const room = new AgentWorld();
          let page: Transcript | null = must(null, room.snapshot(null));
          let broken = false;
          for (const happening of story) {
            const frame = room.happen(happening);
            const fate = fates.next().value;
            broken ||= fate === "break";
            if (broken && fate === "arrives") {
              page = must(page, room.snapshot(page.seq));
              broken = false;
            } else if (!broken && frame !== null) {
              page = must(page, frame);
              if (fate === "twice") page = must(page, frame);
            }
          }
          page = must(page, room.snapshot(page.seq));
          expect(page).toEqual({ seq: room.seq, entries: room.entries, earlier: null });
        },
      ),
    );
  });

  it("adds streamed text at its offset and leaves the other entries as they are", () => {
    const room = world("first", "Hel");
    const before = must(null, room.snapshot(null));
    const after = must(before, room.happen({ does: "goes on", text: "lo" }) as AgentFrame);
    expect(after.entries[1]).toMatchObject({ text: "Hello" });
    expect(after.entries[0]).toBe(before.entries[0]);
  });

  it("takes text that starts too far on for a gap", () => {
    const state = must(null, world("Hel").snapshot(null));
    expect(reduceAgent(state, { type: "append", seq: 9, id: 0, offset: 4, text: "o" })).toBe(GAP);
  });

  it("takes text that contradicts what it has for a gap", () => {
    const state = must(null, world("Hello").snapshot(null));
    expect(reduceAgent(state, { type: "append", seq: 9, id: 0, offset: 3, text: "p!" })).toBe(GAP);
  });

  it("takes text for an entry that it never saw for a gap", () => {
    const state = must(null, world("Hello").snapshot(null));
    expect(reduceAgent(state, { type: "append", seq: 9, id: 7, offset: 0, text: "x" })).toBe(GAP);
  });

  it("takes anything but a whole snapshot for a gap while it has nothing", () => {
    const room = world("a");
    expect(reduceAgent(null, room.snapshot(0))).toBe(GAP);
    expect(reduceAgent(null, room.happen({ does: "calls" }) as AgentFrame)).toBe(GAP);
  });

  it("forgets what it had when the room sends everything again", () => {
    const page = must(null, world("old", "older").snapshot(null));
    expect(must(page, world("new").snapshot(null)).entries).toHaveLength(1);
  });

  it("knows what a snapshot left out, whatever changes meanwhile, and takes it in by pages", () => {
    const room = world(...Array.from({ length: 220 }, (_, place) => `${place}`));
    const last = room.snapshot(null) as AgentFrame & { type: "snapshot" };
    const page = must(null, { ...last, entries: last.entries.slice(-200), earlier: "20" });
    const later = must(page, { ...last, since: page.seq, entries: [], earlier: null });
    expect(later.earlier).toBe("20");
    const more = withEarlier(later, room.entries.slice(10, 20).toReversed(), "10");
    expect(more).toMatchObject({ earlier: "10" });
    expect(withEarlier(more, room.entries.slice(0, 10).toReversed(), null)).toMatchObject({
      entries: room.entries,
      earlier: null,
    });
  });
});
