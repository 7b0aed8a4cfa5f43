import { backoffMs } from "../lifecycle/backoff.ts";
import type { Handover } from "../rooms/town.ts";
import { first } from "../sql.ts";
import { oweEnd } from "./errands.ts";
import type { MessageRow, RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** A message is tried so often; then its sender is told. */
export const MESSAGE_ATTEMPTS = 3;

/**
 * Takes a message over from an agent's room. Taken again, it is the same: the room hands over in order
 * and the town remembers the last place it took.
 */
export const takeMessage = (tx: Tx, message: Handover): void => {
  const agent = first<{ taken: number }>(tx.sql, "SELECT taken FROM agents WHERE name = ?", message.agent);
  if (agent === null || message.entry <= agent.taken) return;
  tx.sql.run("UPDATE agents SET taken = ? WHERE name = ?", message.entry, message.agent);
  tx.insert("messages", {
    id: message.id,
    agent: message.agent,
    entry: message.entry,
    text: message.text,
  });
  tx.changes.town = true;
};

export const messageById = (tx: Tx, id: string): MessageRow | null =>
  first<MessageRow>(tx.sql, "SELECT * FROM messages WHERE id = ?", id);

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

/** The message goes back into the queue, or fails after {@link MESSAGE_ATTEMPTS}. */
export const requeueMessage = (
  tx: Tx,
  run: RunRow,
  reason: string,
  again: boolean,
  retryBaseMs: number,
): void => {
  if (run.message === null || run.agent === null) return;
  const message = messageById(tx, run.message);
  if (message === null) return;
  const attempts = message.attempts + 1;
  if (!again || attempts >= MESSAGE_ATTEMPTS) {
    endMessage(tx, run, "failed", { level: "error", text: `This got no answer. ${reason}` });
    tx.note("trouble", `A message to ${run.agent} got no answer: ${reason}`, { agent: run.agent });
    return;
  }
  tx.sql.run(
    "UPDATE messages SET attempts = ?, retry_at = ?, run = NULL WHERE id = ?",
    attempts,
    tx.now + backoffMs(attempts - 1, { baseMs: retryBaseMs, maxMs: 300_000 }),
    message.id,
  );
  oweEnd(tx, run, {
    state: "queued",
    notice: { level: "warning", text: `${reason} It is tried again.` },
  });
  tx.note("trouble", `A turn of ${run.agent} was cut off and is tried again: ${reason}`, {
    agent: run.agent,
  });
};
