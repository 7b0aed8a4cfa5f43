import type { AgentName } from "../../protocol/primitives.ts";
import { runId } from "../ids.ts";
import { hasten, owe } from "../outbox/actions.ts";
import type { OutboxKind } from "../outbox/kind.ts";
import { isHeard } from "../outbox/peer.ts";
import type { AgentWord } from "../../rooms/agent.ts";
import type { RunRow } from "../runs/rows.ts";
import type { Tx } from "../tx.ts";
import { setAgent } from "./rows.ts";

/** A word about a run for an agent's room. */
export const tellAgent: OutboxKind<{ readonly agent: AgentName; readonly word: AgentWord }> = {
  kind: "tell-agent",
  lane: "peers",
  idOf: ({ agent, word }) => `tell-agent:${agent}:${word.fence}:${word.kind}`,
  deliver: async ({ agent, word }, { ports }) => isHeard(await ports.agents.tell(agent, word)),
  // A room that takes one word can take those, too, that it missed while it was away.
  delivered: (tx, { agent }) => hasten(tx, `tell-agent:${agent}:`),
};

/** Ends a retired agent's room for good. */
export const endRoom: OutboxKind<{ readonly agent: AgentName; readonly cause: string }> = {
  kind: "end-room",
  lane: "peers",
  idOf: ({ agent }) => `end-room:${agent}`,
  deliver: async ({ agent, cause }, { ports, commit }) => {
    const gone = await ports.agents.destroy(agent, cause);
    if (gone) commit((tx) => setAgent(tx, agent, { status: "ended", since: tx.now }));
    return gone;
  },
};

type EndWord = Extract<AgentWord, { kind: "end" }>;

/** Owes the agent of a run the word that the run has ended, and what became of its message. Without agent: nothing. */
export const oweEnd = (tx: Tx, run: RunRow, { state, notice }: Pick<EndWord, "state" | "notice">): void => {
  if (run.agent === null) return;
  const { agent, number: fence, message } = run;
  owe(tx, tellAgent, { agent, word: { kind: "end", run: runId(fence), fence, message, state, notice } });
};
