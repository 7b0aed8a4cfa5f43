import * as v from "valibot";
import { Refusal } from "./problem.ts";

/** One sentence per issue, at most five: `title: must not be empty`. */
export const explain = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues
    .slice(0, 5)
    .map((issue) => {
      const path = v.getDotPath(issue);
      return path ? `${path}: ${issue.message}` : issue.message;
    })
    .join("; ");

/**
 * Parses what came over a boundary.
 *
 * @throws Refusal of kind `bad-request` that says what was wrong
 */
export const parse = <const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> => {
  const result = v.safeParse(schema, input);
  if (!result.success) throw new Refusal("bad-request", explain(result.issues));
  return result.output;
};

/** Parses the JSON text of a socket frame; `null` if it is not JSON or does not fit. */
export const parseFrame = <const S extends v.GenericSchema>(
  schema: S,
  text: unknown,
): v.InferOutput<S> | null => {
  if (typeof text !== "string") return null;
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
};
