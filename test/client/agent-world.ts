import * as fc from "fast-check";
import type { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";

/** One thing that happens in an agent's room. */
export type Happening =
  | { readonly does: "writes"; readonly text: string }
  | { readonly does: "goes on"; readonly text: string }
  | { readonly does: "calls" }
  | { readonly does: "ends call" };

const text = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom("a", "b", "é", "😀", " ", "\n") });

export const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant("writes" as const), text }),
    { weight: 4, arbitrary: fc.record({ does: fc.constant("goes on" as const), text }) },
    fc.record({ does: fc.constant("calls" as const) }),
    fc.record({ does: fc.constant("ends call" as const) }),
  ),
  { maxLength: 40 },
);

/** A room as the wire's comments describe it: it counts changes, and answers what changed since. */
export class AgentWorld {
  seq = 0;
  entries: Entry[] = [];

  /** @returns the frame that open pages get, or none if nothing changed */
  happen(happening: Happening): AgentFrame | null {
    const last = this.entries.at(-1);
    switch (happening.does) {
      case "writes":
        return this.#put({ ...this.#next(), kind: "text", text: happening.text });
      case "calls":
        return this.#put({
          ...this.#next(),
          kind: "tool",
          title: "call",
          status: "in_progress",
          input: "",
          output: "",
        });
      case "ends call":
        if (last?.kind !== "tool") return null;
        this.seq += 1;
        return this.#put({ ...last, seq: this.seq, status: "completed", output: "ok" });
      case "goes on": {
        if (last?.kind !== "text") return null;
        this.seq += 1;
        const offset = last.text.length;
        this.#put({ ...last, seq: this.seq, text: last.text + happening.text });
        return { type: "append", seq: this.seq, id: last.id, offset, text: happening.text };
      }
    }
  }

  /** The first frame of a new socket. */
  snapshot(after: number | null): AgentFrame {
    const entries = this.entries.filter((entry) => entry.seq > (after ?? -1));
    return {
      type: "snapshot",
      version: PROTOCOL_VERSION,
      seq: this.seq,
      since: after,
      agent: "mayor",
      entries,
      earlier: null,
    };
  }

  #next() {
    this.seq += 1;
    return { id: this.entries.length, seq: this.seq, at: 0, run: null };
  }

  #put(entry: Entry): AgentFrame {
    this.entries[entry.id] = entry;
    return { type: "entry", seq: this.seq, entry };
  }
}
