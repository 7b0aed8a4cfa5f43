import { describe, expect, test } from "vitest";
import { claim } from "../../src/ledger/claim.ts";
import { problem, PROBLEMS, type ProblemKind } from "../../src/protocol/problem.ts";

const KINDS = Object.keys(PROBLEMS) as ProblemKind[];
const CLAIMS_NOTHING: readonly ProblemKind[] = ["not-found", "gone"];

describe("R21: what a parent's answer says of a child", () => {
  test("what it says of it is a claim", () => {
    expect(claim({ ok: true, value: "open" })).toBe("open");
  });

  test.each(CLAIMS_NOTHING)("%s: it claims nothing", (kind) => {
    expect(claim({ ok: false, problem: problem(kind, "Not here.") })).toBeNull();
  });

  test.each(KINDS.filter((kind) => !CLAIMS_NOTHING.includes(kind)))(
    "%s: a fault says nothing, and is none of both",
    (kind) => {
      expect(() => claim({ ok: false, problem: problem(kind, "A fault.") })).toThrow("A fault.");
    },
  );
});
