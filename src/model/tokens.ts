import * as v from "valibot";

/** What one model call used, in tokens. */
export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const NO_TOKENS: Tokens = { inputTokens: 0, outputTokens: 0 };

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The part of an answer, or of a piece of a streamed one, that says what the call used so far. */
const Counted = v.object({
  usage: v.object({
    prompt_tokens: v.nullish(Count, 0),
    completion_tokens: v.nullish(Count, 0),
  }),
});

/** The usage that a JSON text of the service tells; `null` if it tells none. */
export const readTokens = (json: string): Tokens | null => {
  // Most pieces of a stream have none: not worth parsing.
  if (!json.includes('"usage"')) return null;
  try {
    const counted = v.safeParse(Counted, JSON.parse(json));
    if (!counted.success) return null;
    const { prompt_tokens, completion_tokens } = counted.output.usage;
    return { inputTokens: prompt_tokens, outputTokens: completion_tokens };
  } catch {
    return null;
  }
};
