import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fail, nextStep, SELF, strike } from "../../src/lifecycle/finalizer.ts";
import { fullerReceipt, stillbornReceipt, type Receipt } from "../../src/lifecycle/receipt.ts";
import { beginDestroy, found, UNBORN, type Charter, type Vital } from "../../src/lifecycle/vital.ts";

const CHARTER: Charter = { id: "one", issuedAt: 0, expiresAt: 1000 };
const NAMES = ["sockets", "container", "children"] as const;
const ORDER = { cause: "test", finalizers: NAMES, bytes: 10, now: 5 };

const alive: Vital = { state: "alive", charter: CHARTER, bornAt: 1 };
const dead: Vital = { state: "dead", receipt: stillbornReceipt("Town t", "test", 1) };
const dying = beginDestroy(alive, ORDER);

describe("life (R1–R4)", () => {
  test("R1: only a charter that has not expired brings an unborn room to life", () => {
    expect(found(UNBORN, CHARTER, 1000).kind).toBe("born");
    expect(found(UNBORN, CHARTER, 1001)).toEqual({ kind: "refused", why: "expired" });
  });

  test("R2: the same charter again is the same founding, another one is refused", () => {
    expect(found(alive, CHARTER, 5000)).toEqual({ kind: "already" });
    expect(found(alive, { ...CHARTER, id: "two" }, 5)).toEqual({
      kind: "refused",
      why: "another-charter",
    });
  });

  test("R3: nothing after dead or dying, whatever the charter and the time", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), (id, expiresAt, now) => {
        for (const vital of [dying, dead])
          expect(found(vital, { id, issuedAt: 0, expiresAt }, now)).toEqual({
            kind: "refused",
            why: "gone",
          });
      }),
    );
  });

  test("R4: destroying twice is destroying once", () => {
    expect(dying.state).toBe("dying");
    expect(beginDestroy(dying, { ...ORDER, cause: "again", now: 99 })).toBe(dying);
    expect(beginDestroy(dead, ORDER)).toBe(dead);
  });
});

describe("finalizers (R9–R12)", () => {
  /** A schedule says of each try whether it fails; afterwards every try succeeds. */
  const schedule = fc.array(fc.boolean(), { maxLength: 60 });

  test("R10: destruction ends under finitely many faults, and `self` is always the last", () => {
    fc.assert(
      fc.property(schedule, (faults) => {
        if (dying.state !== "dying") throw new Error("not dying");
        let steps = [...dying.finalizers];
        let now = 5;
        const struck: string[] = [];
        const left = [...faults];
        for (let turns = 0; steps.some((step) => step.state === "due"); turns += 1) {
          expect(turns).toBeLessThan(200);
          const next = nextStep(steps, now);
          if (next.kind === "wait") {
            expect(next.at).toBeGreaterThan(now);
            now = next.at;
            continue;
          }
          const name = next.kind === "bury" ? SELF : next.name;
          if (left.shift() === true) steps = fail(steps, name, "fault", now);
          else {
            steps = strike(steps, name, null, now);
            struck.push(name);
          }
        }
        expect(struck.at(-1)).toBe("self");
        expect(struck.toSorted()).toEqual([...NAMES, SELF].toSorted());
      }),
    );
  });

  test("R11: a step that keeps failing doesn't hold up the others, and keeps its reason and count", () => {
    if (dying.state !== "dying") throw new Error("not dying");
    const steps = fail(dying.finalizers, "sockets", "no", 5);
    expect(nextStep(steps, 5)).toEqual({ kind: "run", name: "container" });
    expect(steps[0]).toMatchObject({ attempts: 1, reason: "no", state: "due" });
  });

  test("R12: striking a step twice is striking it once", () => {
    if (dying.state !== "dying") throw new Error("not dying");
    const once = strike(dying.finalizers, "children", "4 agents", 6);
    expect(strike(once, "children", "again", 9)).toEqual(once);
    expect(fail(once, "children", "late", 9)).toEqual(once);
  });
});

describe("receipts (R14)", () => {
  test("a stillborn's receipt doesn't replace what the owner already knew", () => {
    if (dying.state !== "dying") throw new Error("not dying");
    const known: Receipt & { agents: number } = {
      ...stillbornReceipt("Town t", "test", 1),
      state: "closing",
      endedAt: null,
      agents: 3,
      finalizers: strike(dying.finalizers, "container", "exit 137", 6),
    };
    const receipt = fullerReceipt(known, { ...stillbornReceipt("Town t", "retry", 9), agents: 0 });
    expect(receipt).toMatchObject({ state: "gone", agents: 3, endedAt: 9, cause: "test" });
    expect(receipt.finalizers.every((step) => step.state === "done")).toBe(true);
  });

  test("nor does that of the short life that an old charter gave it between deleteAll and tombstone", () => {
    if (dying.state !== "dying") throw new Error("not dying");
    const finalizers = strike(dying.finalizers, "container", "exit 137", 6);
    const known = { ...stillbornReceipt("Town t", "test", 1), agents: 3, finalizers };
    const short = { ...stillbornReceipt("Town t", "test", 7), agents: 1, finalizers: [...dying.finalizers] };
    expect(fullerReceipt(known, { ...short, state: "closing", endedAt: null })).toMatchObject({
      state: "closing",
      agents: 3,
      finalizers,
    });
    expect(fullerReceipt(known, short)).toMatchObject({ state: "gone", agents: 3, startedAt: 1 });
  });
});
