import type { Config } from "../../config.ts";
import type { Due } from "../due.ts";
import type { OpenRun } from "./facts.ts";

/** One run is over its time. */
export interface LoseRun {
  readonly kind: "lose-run";
  readonly run: number;
  readonly reason: string;
}

/** The reasons by which open runs wake the town. */
export const runsDue = function* (
  runs: readonly OpenRun[],
  { startDeadlineMs }: Pick<Config, "startDeadlineMs">,
): Generator<Due<"a run must have started" | "a run reaches its time limit", LoseRun>> {
  for (const { number: run, state, created_at, due_at } of runs) {
    if (state === "starting")
      yield {
        wake: { at: created_at + startDeadlineMs, why: "a run must have started" },
        action: { kind: "lose-run", run, reason: "The container did not take it in time." },
      };
    yield {
      wake: { at: due_at, why: "a run reaches its time limit" },
      action: { kind: "lose-run", run, reason: "It ran into its time limit." },
    };
  }
};
