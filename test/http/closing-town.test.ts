import { describe, expect, it } from "vitest";
import { closingTown } from "../../src/http/closing-town.ts";
import { dueFinalizers, fail, SELF, strike, type Finalizer } from "../../src/lifecycle/finalizer.ts";
import { TOWN_STEPS, type TownStep } from "../../src/town/end/known.ts";
import { emptyReceipt } from "../../src/lifecycle/receipt.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { stillbornReceipt } from "../support/stillborn.ts";

const closing = (finalizers: Finalizer<TownStep>[]) => {
  const receipt = { ...stillbornReceipt("Town t1", "closed", 1000), state: "closing" as const, finalizers };
  return closingTown("t1", { state: "closing", name: "Elm", foundedAt: 0, receipt });
};

describe("a closing town", () => {
  it("R20: says when it tries again, and that this is its end", () => {
    const struck = strike(dueFinalizers(TOWN_STEPS, 1000), "sockets", "0 sockets", 1000);
    const failed = fail(fail(struck, "container", "it still runs", 1000), "children", "overloaded", 1500);
    expect(closing(failed).wake).toEqual({ at: 2000, why: "the town is closing" });
  });

  it("R14: is shown with what its owner's room knows, and with no number that it doesn't", () => {
    const receipt: Receipt = {
      ...emptyReceipt("Town t1", "closed"),
      agents: null,
      containerExit: null,
      branches: null,
    };
    const town = closingTown("t1", { state: "closing", name: "Elm", foundedAt: 7, receipt });
    expect(town).toEqual({
      id: "t1",
      name: "Elm",
      state: "closing",
      foundedAt: 7,
      container: { state: "stopping", why: "Closing.", sleepsAt: null },
      wake: null,
      agents: { total: null },
      receipt: "/api/towns/t1/receipt",
    });
  });

  it("has no wake of its own before it has said a word, and after its last one", () => {
    expect(closing([]).wake).toBeNull();
    const done = [...TOWN_STEPS, SELF].reduce<Finalizer<TownStep>[]>(
      (steps, name) => strike(steps, name as TownStep | typeof SELF, null, 2000),
      dueFinalizers(TOWN_STEPS, 1000),
    );
    expect(closing(done).wake).toBeNull();
  });
});
