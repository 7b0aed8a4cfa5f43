import type { Dial, Line, LineHandlers } from "../../../container/link/line.ts";
import type { AgentEvent, AgentUp } from "../../../src/protocol/container/agent-up.ts";

/** What a transcript shows after some events: each entry whole, in the order of their beginnings. */
export const transcriptOf = (events: readonly AgentEvent[]): AgentEvent[] => {
  const entries = new Map<string, AgentEvent>();
  for (const event of events) {
    const before = entries.get(event.id);
    if ((event.type === "text" || event.type === "thought") && before && "append" in before) {
      entries.set(event.id, { ...before, append: before.append + event.append });
    } else entries.set(event.id, { ...before, ...event });
  }
  return [...entries.values()];
};

/**
 * A room and the network before it. Frames wait in both directions until they are carried; a cut
 * loses those that wait. The room takes each number once, and insists that none is missing.
 */
export class ModelRoom {
  readonly events: AgentEvent[] = [];
  #taken = 0;
  #handlers: LineHandlers | null = null;
  #isOpen = false;
  #up: string[] = [];
  #down: string[] = [];

  readonly dial: Dial = (_path, handlers): Line => {
    this.#handlers = handlers;
    return {
      send: (text) => {
        if (!this.#isOpen) throw new Error("sent on a line that isn't open");
        this.#up.push(text);
      },
      close: () => this.cut(),
    };
  };

  connect(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#handlers?.opened();
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#up = [];
    this.#down = [];
    this.#handlers?.lost();
  }

  /** Closes the line for good. */
  end(code: number): void {
    this.cut();
    this.#handlers?.ended(code);
  }

  /** Carries one frame to the room; whether there was one. */
  carryUp(): boolean {
    const text = this.#up.shift();
    if (text !== undefined) this.#take(JSON.parse(text) as AgentUp);
    return text !== undefined;
  }

  carryDown(): boolean {
    const text = this.#down.shift();
    if (text !== undefined) this.#handlers?.received(text);
    return text !== undefined;
  }

  carryAll(): void {
    while (this.carryUp() || this.carryDown());
  }

  #take(frame: AgentUp): void {
    if (frame.type === "hello") {
      this.#down.push(JSON.stringify({ type: "welcome", version: 1, after: this.#taken }));
      return;
    }
    if (frame.n > this.#taken + 1) throw new Error(`${frame.n} came after ${this.#taken}`);
    if (frame.n === this.#taken + 1) {
      this.#taken = frame.n;
      this.events.push(frame.event);
    }
    this.#down.push(JSON.stringify({ type: "ack", n: frame.n }));
  }
}
