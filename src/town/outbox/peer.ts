import { withDeadline } from "../../deadline.ts";
import type { Answer } from "../../protocol/problem.ts";

/** A peer that doesn't answer in this time is asked again; shorter than the time of the next try. */
const PEER_MS = 20_000;

/** A peer's answer, or a failure: one that doesn't answer must not silence the town's alarm. */
export const peer = <T>(call: Promise<T>): Promise<T> => withDeadline(call, PEER_MS);

/** Whether a peer took a word, or is gone and needs none. */
export const isHeard = (answer: Answer<unknown>): boolean =>
  answer.ok || answer.problem.kind === "gone" || answer.problem.kind === "not-found";

/** What a peer answered. @throws Error with what it refused */
export const must = <T>(answer: Answer<T>): T => {
  if (answer.ok) return answer.value;
  throw new Error(answer.problem.detail);
};
