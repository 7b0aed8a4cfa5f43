import type { Usage } from "../../protocol/usage.ts";

/** The columns by which runs, beads and agents count what their model calls used. */
export interface UsageColumns {
  calls: number;
  input_tokens: number;
  output_tokens: number;
}

/** All of them begin at 0. */
export type UsageDefaults = keyof UsageColumns;

export const usageOf = (row: UsageColumns): Usage => ({
  calls: row.calls,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
});
