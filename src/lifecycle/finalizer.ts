import { backoffMs, OFTEN } from "./backoff.ts";

/** The last step of every destruction: the room itself. */
export const SELF = "self";

/**
 * One step of a destruction: due with its attempts and the last reason, or done with its time. Times in
 * ms. `Name`: the steps that this kind of room has beside `self`.
 */
export interface Finalizer<Name extends string = string> {
  readonly name: Name | typeof SELF;
  readonly state: "due" | "done";
  readonly attempts: number;
  readonly notBefore: number;
  readonly doneAt: number | null;
  /** Why the last attempt failed. */
  readonly reason: string | null;
  /** What was done: `3 sockets`, `exit 137`, `4 agents`. */
  readonly detail: string | null;
}

/** All that is due at the beginning, in the order in which it is tried; `self` is the last. */
export const dueFinalizers = <Name extends string>(names: readonly Name[], now: number): Finalizer<Name>[] =>
  [...names, SELF as Finalizer<Name>["name"]].map((name) => ({
    name,
    state: "due",
    attempts: 0,
    notBefore: now,
    doneAt: null,
    reason: null,
    detail: null,
  }));

export type NextStep<Name extends string> =
  | { readonly kind: "run"; readonly name: Name }
  /** All others are done: the room itself. */
  | { readonly kind: "bury" }
  | { readonly kind: "wait"; readonly at: number };

/**
 * What to do next. A step that is backing off doesn't hold up the others, but `self` comes only when
 * all others are done: nothing forgets what it has not ended.
 */
export const nextStep = <Name extends string>(
  finalizers: readonly Finalizer<Name>[],
  now: number,
): NextStep<Name> => {
  const due = finalizers.filter((step) => step.state === "due");
  const others = due.filter((step) => step.name !== SELF);
  const candidates = others.length > 0 ? others : due;
  const ready = candidates.find((step) => step.notBefore <= now);
  if (ready) return ready.name === SELF ? { kind: "bury" } : { kind: "run", name: ready.name };
  return { kind: "wait", at: Math.min(...candidates.map((step) => step.notBefore)) };
};

const change = <Name extends string>(
  finalizers: readonly Finalizer<Name>[],
  name: Finalizer<Name>["name"],
  patch: (step: Finalizer<Name>) => Partial<Finalizer<Name>>,
): Finalizer<Name>[] =>
  finalizers.map((step) => (step.name === name && step.state === "due" ? { ...step, ...patch(step) } : step));

/** Strikes a step off; striking it twice is striking it once. */
export const strike = <Name extends string>(
  finalizers: readonly Finalizer<Name>[],
  name: Finalizer<Name>["name"],
  detail: string | null,
  now: number,
): Finalizer<Name>[] =>
  change(finalizers, name, (step) => ({
    state: "done",
    attempts: step.attempts + 1,
    doneAt: now,
    reason: null,
    detail,
  }));

/** Notes a failed attempt and when the next one is due. */
export const fail = <Name extends string>(
  finalizers: readonly Finalizer<Name>[],
  name: Finalizer<Name>["name"],
  reason: string,
  now: number,
): Finalizer<Name>[] =>
  change(finalizers, name, (step) => ({
    attempts: step.attempts + 1,
    notBefore: now + backoffMs(step.attempts, OFTEN),
    reason,
  }));
