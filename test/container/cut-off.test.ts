import { describe, expect, test } from "vitest";
import { carryOutCheck } from "../../container/runs/check.ts";
import { type Ending, RunEnded } from "../../container/runs/ending.ts";
import { carryOutMerge } from "../../container/runs/merge.ts";
import type { CheckResult, MergeResult } from "../../src/protocol/container/town-up.ts";
import { checkOrder, mergeOrder } from "./support/orders.ts";

/** A signal, and what ends with it in the middle of its work, and then has a result all the same. */
const endedBy = <R>(ending: Ending, result: R) => {
  const controller = new AbortController();
  const work = async (): Promise<R> => {
    controller.abort(new RunEnded(ending));
    return result;
  };
  return { signal: controller.signal, work };
};

const commit = "c".repeat(40);

describe("What the container's stop cuts off (W12)", () => {
  const merges: readonly MergeResult[] = [
    { outcome: "cancelled" },
    { outcome: "failed", reason: "git push failed: it said nothing", again: true },
    { outcome: "gate-failed", reason: "The gate `true` was ended by a signal." },
    { outcome: "conflict", reason: "a file" },
    { outcome: "held", reason: "uncommitted work" },
  ];
  const voice = { send: () => {}, intend: async () => {} };

  test.each(merges)("has no result: a merge that says $outcome", async (result) => {
    const { signal, work } = endedBy("stopping", result);
    expect(await carryOutMerge(mergeOrder(), { merge: work }, voice, signal)).toBeNull();
  });

  test("has one where it came to its end all the same", async () => {
    const merged: MergeResult = { outcome: "merged", mergeCommit: commit };
    const merge = endedBy("stopping", merged);
    expect(await carryOutMerge(mergeOrder(), { merge: merge.work }, voice, merge.signal)).toEqual(merged);
    const ready: CheckResult = { outcome: "ready", branch: "main", head: commit };
    const check = endedBy("stopping", ready);
    expect(await carryOutCheck(checkOrder(), { check: check.work }, check.signal)).toEqual(ready);
  });

  test("is nothing that a repository could be blamed for", async () => {
    const { signal, work } = endedBy<CheckResult>("stopping", { outcome: "failed", reason: "Cancelled." });
    expect(await carryOutCheck(checkOrder(), { check: work }, signal)).toBeNull();
  });

  test("is not what the town ended or what took too long", async () => {
    const cancelled = endedBy<MergeResult>("cancelled", { outcome: "cancelled" });
    expect(await carryOutMerge(mergeOrder(), { merge: cancelled.work }, voice, cancelled.signal)).toEqual({
      outcome: "cancelled",
    });
    const late = endedBy<MergeResult>("deadline", { outcome: "cancelled" });
    expect(await carryOutMerge(mergeOrder(), { merge: late.work }, voice, late.signal)).toMatchObject({
      outcome: "failed",
      again: true,
    });
  });
});
