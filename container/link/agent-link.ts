import { AgentDown, type AgentEvent, type AgentUp } from "../../src/protocol/container/agent-up.ts";
import { parseFrame } from "../../src/protocol/parse.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import type { Boot } from "./boot.ts";
import type { Dial } from "./line.ts";
import { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { type AgentNews, agentRules } from "./rules.ts";
import type { OfRun } from "./town-link.ts";

/** Streamed text is gathered for this long, so that it isn't one frame per token. */
const BATCH_MS = 50;

/**
 * An agent's line to its room, open while the agent has a process or a turn. It outlives both, so
 * that its numbers go on through the whole boot.
 */
export class AgentLink {
  readonly #link: Link<AgentNews, AgentDown>;
  #uses = 0;

  constructor(dial: Dial, town: string, agent: string, boot: Boot) {
    this.#link = new Link<AgentNews, AgentDown>({
      dial,
      path: `parties/agent/${town}.${agent}`,
      outbox: new Outbox(agentRules),
      hello: (): AgentUp => ({ type: "hello", version: PROTOCOL_VERSION, ...boot }),
      frame: ({ n, event }): AgentUp => ({ type: "event", boot: boot.boot, n, ...event }),
      parse: (text) => parseFrame(AgentDown, text),
      batchMs: BATCH_MS,
    });
  }

  open(): void {
    this.#uses += 1;
    this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  /** Closes once everything has arrived, unless it is opened again before. */
  async retire(): Promise<void> {
    const uses = this.#uses;
    await this.drained(new AbortController().signal);
    if (uses === this.#uses) this.close();
  }

  tell(run: OfRun, event: AgentEvent): void {
    this.#link.send({ ...run, event });
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#link.drained(signal);
  }
}
