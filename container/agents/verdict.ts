import type { PromptResponse } from "@agentclientprotocol/sdk";
import * as v from "valibot";
import { plainLine } from "../../src/protocol/text.ts";
import { head } from "../text/clip.ts";
import { FailureMeta } from "./failure.ts";

/** How the agent itself says that its turn ended. */
export type Verdict =
  | { readonly verdict: "finished" }
  | { readonly verdict: "cancelled" }
  | { readonly verdict: "failed"; readonly reason: string; readonly again: boolean };

const MAX_REASON = 500;

const failed = (reason: string, again: boolean): Verdict => ({
  verdict: "failed",
  reason: head(plainLine(reason), MAX_REASON),
  again,
});

const refused = (response: PromptResponse, said: string): Verdict => {
  const meta = v.safeParse(FailureMeta, response._meta);
  if (meta.success) return failed(meta.output.curfew.failure.reason, meta.output.curfew.failure.again);
  return failed(said.trim() || "The agent refused to go on and said nothing.", true);
};

/** @param said what the agent said last */
export const judge = (response: PromptResponse, said: string): Verdict => {
  switch (response.stopReason) {
    case "end_turn":
      return { verdict: "finished" };
    case "cancelled":
      return { verdict: "cancelled" };
    case "refusal":
      return refused(response, said);
    case "max_tokens":
      return failed("The model reached its limit of tokens before the agent was done.", true);
    case "max_turn_requests":
      return failed("The agent reached its limit of model calls before it was done.", true);
  }
};
