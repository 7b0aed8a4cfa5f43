import * as v from "valibot";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What model calls used. `calls` counts admissions, so a call that was cut off is still seen. */
export const Usage = v.object({
  calls: Count,
  inputTokens: Count,
  outputTokens: Count,
});
export type Usage = v.InferOutput<typeof Usage>;

export const NO_USAGE: Usage = { calls: 0, inputTokens: 0, outputTokens: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  calls: a.calls + b.calls,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
});
