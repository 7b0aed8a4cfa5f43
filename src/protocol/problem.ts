import * as v from "valibot";

/**
 * Every kind of refusal that Curfew knows, with its HTTP status and a title. The set is closed: code
 * tells refusals apart by kind, never by their text.
 */
export const PROBLEMS = {
  "bad-request": { status: 400, title: "The request is not valid" },
  "who-are-you": { status: 401, title: "Sign in first" },
  forbidden: { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "No such thing" },
  conflict: { status: 409, title: "Not possible in the present state" },
  gone: { status: 410, title: "Gone" },
  "too-large": { status: 413, title: "The request is too large" },
  "over-limit": { status: 429, title: "A limit is reached" },
  upstream: { status: 502, title: "A service that this needs did not answer" },
  unavailable: { status: 503, title: "Try again soon" },
  unexpected: { status: 500, title: "Something went wrong here" },
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

const kinds = Object.keys(PROBLEMS) as [ProblemKind, ...ProblemKind[]];

/** RFC 9457, as `application/problem+json`. `type` is `urn:curfew:problem:<kind>`. */
export const Problem = v.object({
  type: v.string(),
  kind: v.picklist(kinds),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  /** Where a gone town's receipt is read. */
  receipt: v.optional(v.string()),
});
export type Problem = v.InferOutput<typeof Problem>;

/** @example problem("conflict", "The rig is still being checked.") */
export const problem = (
  kind: ProblemKind,
  detail: string,
  extra: { readonly receipt?: string } = {},
): Problem => ({
  type: `urn:curfew:problem:${kind}`,
  kind,
  ...PROBLEMS[kind],
  detail,
  ...extra,
});

/** A refusal on its way through code; rooms and routes turn it into a {@link Problem}. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(kind: ProblemKind, detail: string, extra: { readonly receipt?: string } = {}) {
    super(detail);
    this.name = "Refusal";
    this.problem = problem(kind, detail, extra);
  }
}

const Refused = v.object({ problem: Problem });

/** The problem of a {@link Refusal}, one that came over RPC, too: there an error loses its class only. */
export const problemOf = (error: unknown): Problem | null =>
  error instanceof Error && v.is(Refused, error) ? error.problem : null;

/** What a room answers over RPC: errors lose their class there, so refusals travel as values. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };
