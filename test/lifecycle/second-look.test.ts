import { describe, expect, test } from "vitest";
import { judgeContainer } from "../../src/verify.ts";

const purged = (detail: string | null) => ({
  state: "gone" as const,
  finalizers: [
    {
      name: "container" as const,
      state: "done" as const,
      attempts: 1,
      notBefore: 0,
      doneAt: 1,
      reason: null,
      detail,
    },
  ],
});

const due = { ...purged(null), state: "closing" as const };
const [step] = due.finalizers;

describe("The second look at a container", () => {
  test("claims nothing of plain processes that nobody can see (R14)", () => {
    expect(judgeContainer(purged("exit 137"), true)).toEqual({
      found: "purged (exit 137); processes that left their group and their environment can't be seen",
      ok: true,
    });
    expect(judgeContainer(purged("exit 137"), false)).toEqual({ found: "purged (exit 137)", ok: true });
  });

  test("has nothing to doubt where none was ever started", () => {
    expect(judgeContainer(purged("never started"), true).found).toBe("purged (never started)");
    expect(judgeContainer({ state: "gone", finalizers: [] }, true).found).toBe("purged (never started)");
  });

  test("says that it isn't purged yet", () => {
    const waiting = { ...due, finalizers: step === undefined ? [] : [{ ...step, state: "due" as const }] };
    expect(judgeContainer(waiting, true)).toEqual({ found: "not purged yet", ok: false });
  });
});
