import type { Ordered } from "../rooms/container.ts";
import { endOf, isOver, runs, type Exit, type State } from "./state.ts";

/** What to do with an order. */
export type OrderStep =
  | { readonly kind: "refuse"; readonly answer: Omit<Extract<Ordered, { taken: false }>, "taken"> }
  /** Something of an older life is left: it is ended, then the order is looked at anew. */
  | { readonly kind: "end-older"; readonly life: number }
  /** The life is to be started, or is being started. */
  | { readonly kind: "start" }
  /** It runs, and takes the order once its port answers. */
  | { readonly kind: "send" };

export const LIFE_OVER = "This life of the container is over.";

/**
 * May this life start for an order, or does it run? A life starts once only, never after a later one, and
 * none after a purge.
 *
 * @param shut why this build can't read what is stored; `null`: it can
 */
export const orderStep = (state: State, life: number, shut: string | null): OrderStep => {
  const truth = endOf(state);
  if (state.isDead) return { kind: "refuse", answer: { truth, reason: "The town is gone." } };
  if (shut !== null) return { kind: "refuse", answer: { truth, reason: shut, why: "no-room" } };
  if (isOver(state, life) || life < state.life)
    return { kind: "refuse", answer: { truth, reason: LIFE_OVER } };
  if (life !== state.life)
    return state.isRunning || state.isStarting ? { kind: "end-older", life: state.life } : { kind: "start" };
  if (state.isStarting) return { kind: "start" };
  if (state.isRunning) return { kind: "send" };
  return { kind: "refuse", answer: { truth, reason: `The container has ended (${truth.reason}).` } };
};

/** What to do with a run's cancellation: `done` where the run can't go on anyway; `later`: ask again. */
export const cancelStep = (state: State, life: number): "done" | "later" | "send" => {
  if (isOver(state, life) || state.life > life) return "done";
  if (runs(state, life)) return "send";
  return state.life === life && !state.isStarting ? "done" : "later";
};

/** What to store as the last life that was asked to end; `null`: it is stored. */
export const overFrom = (state: State, life: number): number | null => (isOver(state, life) ? null : life);

/** Whether a SIGKILL that is meant for this life may fall: a later one is none of its business. */
export const mayKill = (state: State, life: number): boolean => state.isRunning && state.life <= life;

/**
 * The end that a hook tells of, as it is stored and told; `null`: it is of no life that the Town waits to
 * hear of. While a start is under way the library tells how the life before has ended, and a start that
 * fails is told by who waits for it.
 */
export const exitToTell = (state: State, exit: Omit<Exit, "life">): Exit | null =>
  state.life === 0 || state.isDead || state.isRunning || state.isStarting
    ? null
    : { life: state.life, ...exit };

/** Whether it is older than any container may be, in ms. */
export const isTooOld = (state: State, now: number, limits: { lifeMaxMs: number; stopDeadlineMs: number }) =>
  now > state.startedAt + limits.lifeMaxMs + limits.stopDeadlineMs;
