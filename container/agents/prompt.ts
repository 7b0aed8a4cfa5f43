import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { TurnOrder } from "../../src/protocol/container/order.ts";

type Told = Pick<TurnOrder, "prompt" | "history" | "runId" | "message">;

const SPEAKER = { user: "The person", agent: "You" } as const;

const told = (history: TurnOrder["history"]): string =>
  [
    "Your process is new. This is what was said before, oldest first; it is answered already.",
    ...history.map(({ from, text }) => `${SPEAKER[from]}: ${text}`),
  ].join("\n\n");

/**
 * What the agent is asked. A process that is new is first told what was said before. The last block
 * names the run: after a crash an agent may be asked a second time.
 */
export const promptBlocks = (order: Told, isNew: boolean): ContentBlock[] => {
  const before: ContentBlock[] =
    isNew && order.history.length > 0 ? [{ type: "text", text: told(order.history) }] : [];
  const _meta = { curfew: { run: order.runId, message: order.message } };
  return [...before, { type: "text", text: order.prompt, _meta }];
};
