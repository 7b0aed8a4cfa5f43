import { AGENTS } from "../agents/rows.ts";
import { oweEnd } from "../agents/outbox.ts";
import { note } from "../diary/actions.ts";
import type { Handover } from "../../rooms/town.ts";
import type { RunRow } from "../runs/rows.ts";
import type { Tx } from "../tx.ts";
import { type MessageRow, MESSAGES } from "./rows.ts";

/** So many turns of a message may fail; then its sender is told. */
const MAX_ATTEMPTS = 3;
/** So many may be lost with their container, likewise. */
const MAX_LOSSES = 5;

/**
 * Takes a message over from an agent's room. Taken again, it is the same: the room hands over in order
 * and the town remembers the last place it took.
 */
export const takeMessage = (tx: Tx, { agent: name, id, entry, text }: Handover): void => {
  const agent = tx.get(AGENTS, name);
  if (agent === null || entry <= agent.taken) return;
  tx.set(AGENTS, name, { taken: entry });
  tx.add(MESSAGES, { id, agent: name, entry, text });
};

/** The message is answered, cancelled or given up: the agent's room is told, once it can be. */
export const endMessage = (
  tx: Tx,
  run: RunRow,
  state: "done" | "cancelled" | "failed",
  notice: { level: "info" | "warning" | "error"; text: string } | null,
): void => {
  if (run.message === null || run.agent === null) return;
  tx.sql.run("DELETE FROM messages WHERE id = ?", run.message);
  tx.changes.town = true;
  oweEnd(tx, run, { state, notice });
};

/** A turn failed: the message goes back into the queue, or fails with it. */
export const requeueMessage = (tx: Tx, run: RunRow, reason: string, again: boolean): void => {
  const message = run.message === null ? null : tx.get(MESSAGES, run.message);
  if (message === null) return;
  const attempts = message.attempts + 1;
  putBack(tx, run, reason, {
    counts: { attempts },
    tries: attempts,
    isLast: !again || attempts >= MAX_ATTEMPTS,
  });
};

/** A turn was lost with its container: no fault of the message's. */
export const loseMessage = (tx: Tx, run: RunRow, reason: string): void => {
  const message = run.message === null ? null : tx.get(MESSAGES, run.message);
  if (message === null) return;
  const losses = message.losses + 1;
  putBack(tx, run, reason, { counts: { losses }, tries: losses, isLast: losses >= MAX_LOSSES });
};

interface Counted {
  readonly counts: Partial<Pick<MessageRow, "attempts" | "losses">>;
  /** How often it has come to this. */
  readonly tries: number;
  readonly isLast: boolean;
}

const putBack = (tx: Tx, run: RunRow, reason: string, { counts, tries, isLast }: Counted): void => {
  if (run.message === null || run.agent === null) return;
  if (isLast) {
    endMessage(tx, run, "failed", { level: "error", text: `This got no answer. ${reason}` });
    note(tx, "trouble", `A message to ${run.agent} got no answer: ${reason}`, { agent: run.agent });
    return;
  }
  tx.set(MESSAGES, run.message, { ...counts, retry_at: tx.retryAt(tries - 1), run: null });
  oweEnd(tx, run, {
    state: "queued",
    notice: { level: "warning", text: `${reason} It is tried again.` },
  });
  note(tx, "trouble", `A turn of ${run.agent} was cut off and is tried again: ${reason}`, {
    agent: run.agent,
  });
};

/** A turn never began, for want of a container: the message waits, with nothing counted, and its sender is told once. */
export const postponeMessage = (tx: Tx, run: RunRow, reason: string): void => {
  if (run.message === null) return;
  tx.set(MESSAGES, run.message, { run: null });
  const isFirst = tx.container.refusals === 1;
  oweEnd(tx, run, { state: "queued", notice: isFirst ? { level: "warning", text: reason } : null });
};
