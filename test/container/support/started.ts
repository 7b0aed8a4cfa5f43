import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { onTestFinished } from "vitest";
import { AgentProcess, type Patience } from "../../../container/agents/agent-process.ts";
import { startAgent } from "../../../container/runtimes/start-agent.ts";
import { Translator } from "../../../container/agents/translator.ts";
import type { AgentEvent } from "../../../src/protocol/container/agent-up.ts";
import type { TurnOrder } from "../../../src/protocol/container/order.ts";

/** An agent's process as the control server starts it, ended with the test. */
export const started = async (
  order: TurnOrder,
  ground: {
    folder: string;
    url: string;
    patience?: Patience;
    variables?: Record<string, string>;
    secrets?: readonly string[];
  },
): Promise<AgentProcess> => {
  const { patience = { cancelMs: 10_000, endMs: 3000 }, variables = {}, secrets = [] } = ground;
  const agent = await startAgent(
    {
      folder: ground.folder,
      url: ground.url,
      boot: crypto.randomUUID(),
      variables: { PATH: process.env["PATH"], ...variables },
      secrets,
      patience,
    },
    order,
    new AbortController().signal,
  );
  onTestFinished(() => agent.end());
  return agent;
};

/** What an agent's updates look like in its transcript: one event for each entry, whole. */
export class Transcript {
  readonly #translator: Translator;
  readonly entries = new Map<string, AgentEvent>();
  pieces = 0;

  constructor(runId = "r1") {
    this.#translator = new Translator(runId);
  }

  readonly add = (update: SessionUpdate): void => {
    const event = this.#translator.translate(update);
    if (!event) return;
    this.pieces += 1;
    const before = this.entries.get(event.id);
    const isText = event.type === "text" || event.type === "thought";
    if (isText && before?.type === event.type) {
      this.entries.set(event.id, { ...event, append: before.append + event.append });
    } else this.entries.set(event.id, { ...before, ...event });
  };

  get texts(): string[] {
    return [...this.entries.values()].flatMap((event) => (event.type === "text" ? [event.append] : []));
  }

  get tools() {
    return [...this.entries.values()].filter((event) => event.type === "tool");
  }
}
