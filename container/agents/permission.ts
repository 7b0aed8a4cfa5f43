import type { PermissionOption, RequestPermissionOutcome } from "@agentclientprotocol/sdk";

/**
 * The answer to an agent that asks whether it may: always yes. What an agent can reach is bounded
 * from outside, not by asking it. Once rather than for ever, so that the agent keeps no list.
 */
export const allow = (options: readonly PermissionOption[]): RequestPermissionOutcome => {
  const option =
    options.find(({ kind }) => kind === "allow_once") ?? options.find(({ kind }) => kind === "allow_always");
  return option ? { outcome: "selected", optionId: option.optionId } : { outcome: "cancelled" };
};
