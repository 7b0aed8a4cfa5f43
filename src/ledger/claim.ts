import type { Answer } from "../protocol/problem.ts";

/**
 * What a parent says of a child. `null`: it claims nothing, for it never was or is gone.
 *
 * @throws Error for any other answer, which says nothing
 */
export const claim = <T>(answer: Answer<T>): T | null => {
  if (answer.ok) return answer.value;
  const { kind, detail } = answer.problem;
  if (kind === "not-found" || kind === "gone") return null;
  throw new Error(detail);
};
