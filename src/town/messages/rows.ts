import type { AgentName } from "../../protocol/primitives.ts";
import { table } from "../table.ts";

/** A message that waits for its answer or is being answered; answered ones are deleted. */
export interface MessageRow {
  id: string;
  agent: AgentName;
  /** Its place in the agent's transcript. */
  entry: number;
  text: string;
  attempts: number;
  /** Turns that were lost with their container. */
  losses: number;
  retry_at: number | null;
  run: number | null;
}

export const MESSAGES = table<MessageRow, "attempts" | "losses">("town")("messages", "id");
