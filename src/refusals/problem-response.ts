import type { Problem } from "../protocol/problem.ts";

/** A problem as RFC 9457 wants it on the wire. */
export const problemResponse = (problem: Problem): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
