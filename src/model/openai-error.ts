import { PROBLEMS, type Problem, type ProblemKind } from "../protocol/problem.ts";

/**
 * Clients of this wire try 409, 429 and every 5xx again, some without end. What no repetition changes
 * therefore has the status that OpenAI itself gives to it.
 */
const FINAL: Partial<Record<ProblemKind, number>> = {
  /** The cap: "insufficient quota". */
  "over-limit": 402,
  /** No model: "model not found". */
  conflict: 404,
};

const typeOf = (status: number): string => {
  if (status === 401) return "authentication_error";
  if (status === 402) return "insufficient_quota";
  if (status === 403) return "permission_error";
  return status < 500 ? "invalid_request_error" : "server_error";
};

/** A refusal as clients of OpenAI's API read it: `{error: {message, type, code}}`. */
export const openAiError = (status: number, code: string, message: string): Response =>
  Response.json(
    { error: { message, type: typeOf(status), code } },
    { status, headers: { "cache-control": "no-store" } },
  );

/** A problem as {@link openAiError}; `code` is its kind. */
export const openAiProblem = (problem: Problem): Response =>
  openAiError(FINAL[problem.kind] ?? PROBLEMS[problem.kind].status, problem.kind, problem.detail);
