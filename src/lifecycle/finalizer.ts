import { backoffMs, OFTEN } from "./backoff.ts";

/** The steps of a destruction, in the order in which they are tried; `self` is always last. */
export type FinalizerName = "sockets" | "container" | "children" | "self";

/** One step: due with its attempts and the last reason, or done with its time. Times in ms. */
export interface Finalizer {
  readonly name: FinalizerName;
  readonly state: "due" | "done";
  readonly attempts: number;
  readonly notBefore: number;
  readonly doneAt: number | null;
  /** Why the last attempt failed. */
  readonly reason: string | null;
  /** What was done: `3 sockets`, `exit 137`, `4 agents`. */
  readonly detail: string | null;
}

export const dueFinalizers = (names: readonly FinalizerName[], now: number): Finalizer[] =>
  names.map((name) => ({
    name,
    state: "due",
    attempts: 0,
    notBefore: now,
    doneAt: null,
    reason: null,
    detail: null,
  }));

export type NextStep =
  | { readonly kind: "run"; readonly name: FinalizerName }
  | { readonly kind: "wait"; readonly at: number };

/**
 * What to do next. A step that is backing off doesn't hold up the others, but `self` comes only when
 * all others are done: nothing forgets what it has not ended.
 */
export const nextStep = (finalizers: readonly Finalizer[], now: number): NextStep => {
  const due = finalizers.filter((step) => step.state === "due");
  const others = due.filter((step) => step.name !== "self");
  const candidates = others.length > 0 ? others : due;
  const ready = candidates.find((step) => step.notBefore <= now);
  if (ready) return { kind: "run", name: ready.name };
  return { kind: "wait", at: Math.min(...candidates.map((step) => step.notBefore)) };
};

const change = (
  finalizers: readonly Finalizer[],
  name: FinalizerName,
  patch: (step: Finalizer) => Partial<Finalizer>,
): Finalizer[] =>
  finalizers.map((step) => (step.name === name && step.state === "due" ? { ...step, ...patch(step) } : step));

/** Strikes a step off; striking it twice is striking it once. */
export const strike = (
  finalizers: readonly Finalizer[],
  name: FinalizerName,
  detail: string | null,
  now: number,
): Finalizer[] =>
  change(finalizers, name, (step) => ({
    state: "done",
    attempts: step.attempts + 1,
    doneAt: now,
    reason: null,
    detail,
  }));

/** Notes a failed attempt and when the next one is due. */
export const fail = (
  finalizers: readonly Finalizer[],
  name: FinalizerName,
  reason: string,
  now: number,
): Finalizer[] =>
  change(finalizers, name, (step) => ({
    attempts: step.attempts + 1,
    notBefore: now + backoffMs(step.attempts, OFTEN),
    reason,
  }));
