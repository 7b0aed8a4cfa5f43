import type { PromptResponse } from "@agentclientprotocol/sdk";
import type { FailureMeta } from "../../agents/failure.ts";
import type { TownTools } from "./town-tools.ts";
import type { Voice } from "./voice.ts";

/** One turn, as a role sees it. */
export interface Turn {
  /** The last text block of the prompt; what comes before it is only told, not asked. */
  readonly prompt: string;
  readonly cwd: string;
  readonly voice: Voice;
  readonly tools: TownTools;
  readonly signal: AbortSignal;
}

export type Role = (turn: Turn) => Promise<PromptResponse>;

export const DONE: PromptResponse = { stopReason: "end_turn" };
export const CANCELLED: PromptResponse = { stopReason: "cancelled" };

/** The work failed; `again`: whether trying again by itself makes sense. */
export const failed = (reason: string, again: boolean): PromptResponse => {
  const _meta: FailureMeta = { curfew: { failure: { reason, again } } };
  return { stopReason: "refusal", _meta };
};
