import { describe, expect, it } from "vitest";
import { closingTown } from "../../src/http/closing-town.ts";
import { dueFinalizers, fail, strike } from "../../src/lifecycle/finalizer.ts";
import { stillbornReceipt } from "../../src/lifecycle/receipt.ts";

const NAMES = ["sockets", "container", "children", "self"] as const;

const closing = (finalizers: ReturnType<typeof dueFinalizers>) => {
  const receipt = { ...stillbornReceipt("Town t1", "closed", 1000), state: "closing" as const, finalizers };
  return closingTown("t1", { state: "closing", name: "Elm", foundedAt: 0, receipt });
};

describe("a closing town", () => {
  it("R20: says when it tries again, and that this is its end", () => {
    const struck = strike(dueFinalizers(NAMES, 1000), "sockets", "0 sockets", 1000);
    const failed = fail(fail(struck, "container", "it still runs", 1000), "children", "overloaded", 1500);
    expect(closing(failed).wake).toEqual({ at: 2000, why: "the town is closing" });
  });

  it("has no wake of its own before it has said a word, and after its last one", () => {
    expect(closing([]).wake).toBeNull();
    const done = NAMES.reduce((steps, name) => strike(steps, name, null, 2000), dueFinalizers(NAMES, 1000));
    expect(closing(done).wake).toBeNull();
  });
});
