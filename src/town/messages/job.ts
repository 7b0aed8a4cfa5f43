import { nextProcess, occupy } from "../agents/actions.ts";
import { AGENTS } from "../agents/rows.ts";
import { isUp } from "../container/rules.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { part } from "../part.ts";
import type { Plan } from "../plan.ts";
import type { OpenRun } from "../runs/facts.ts";
import { startRun } from "../runs/start.ts";
import { runtimeOf } from "../settings/model.ts";
import type { Tx } from "../tx.ts";
import { mayorPrompt } from "./prompt.ts";
import { MESSAGES } from "./rows.ts";

/** A message that waits for its turn: the oldest one of its agent. */
export interface ChatJob {
  readonly kind: "chat";
  readonly message: string;
  readonly agent: AgentName;
  readonly at: number;
}

export const chatJobs = part(
  "SELECT id, agent, MIN(entry) AS entry, retry_at FROM messages GROUP BY agent",
  ["messages"],
  (sql, statement) =>
    sql
      .all<{ id: string; agent: AgentName; retry_at: number | null }>(statement)
      .map(({ id, agent, retry_at }): ChatJob => ({ kind: "chat", message: id, agent, at: retry_at ?? 0 })),
);

export const mayChat = (runs: readonly OpenRun[], { agent }: ChatJob): boolean =>
  !runs.some((run) => run.agent === agent);

export const prepareChat = (tx: Tx, job: ChatJob): Plan | null => {
  const message = tx.get(MESSAGES, job.message);
  const agent = message === null ? null : tx.get(AGENTS, message.agent);
  if (message === null || agent === null) return null;
  const runtime = runtimeOf(tx);
  // A process that was started with other settings is replaced: new ones come with the next command.
  const alive =
    agent.process !== null &&
    agent.runtime === JSON.stringify(runtime) &&
    isUp(tx.container) &&
    agent.process_life === tx.container.life;
  const process = alive && agent.process !== null ? agent.process : nextProcess(tx);
  const run = startRun(tx, "message", `message to ${agent.name}`, {
    kind: "turn",
    agent: agent.name,
    process,
    message: message.id,
  });
  tx.set(MESSAGES, message.id, { run: run.number, retry_at: null });
  occupy(tx, agent.name, { run: run.number, process, runtime, bead: null });
  return {
    kind: "turn",
    run: run.number,
    life: run.life,
    draft: {
      ...run.order,
      kind: "turn",
      agent: agent.name,
      role: agent.role,
      process,
      runtime,
      prompt: mayorPrompt(message.text, {
        newProcess: !alive,
        again: message.attempts + message.losses > 0,
        commands: runtime.kind === "script",
      }),
      message: message.id,
      work: null,
    },
    agent: { name: agent.name, isFounded: agent.founded === 1, isNewProcess: !alive },
  };
};
