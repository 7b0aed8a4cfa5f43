import { earliest, type Wake } from "../lifecycle/wake.ts";
import { dueThings, type Facts, type Timing } from "./features.ts";

type DueThing = ReturnType<typeof dueThings> extends Generator<infer Thing> ? Thing : never;

/** What the town does next about its container and its runs. */
export type Action = DueThing["action"];

/** Every reason that a town can have to wake. */
export type TownWake = Wake<DueThing["wake"]["why"] | "a peer must be told">;

/** The next thing to do about container and runs, or `null`. Pure: the same facts, the same answer. */
export const decide = (facts: Facts, timing: Timing, now: number): Action | null => {
  for (const { wake, action } of dueThings(facts, timing)) if (wake.at <= now) return action;
  return null;
};

/**
 * When and why the town must wake by itself: `null` means no alarm at all. Never in the past, so that
 * a reason that is due now reads as now.
 */
export const nextWake = (facts: Facts, timing: Timing, now: number): TownWake | null => {
  const wakes: TownWake[] = [];
  for (const { wake } of dueThings(facts, timing)) wakes.push(wake);
  if (facts.outboxDueAt !== null) wakes.push({ at: facts.outboxDueAt, why: "a peer must be told" });
  const next = earliest(wakes);
  return next === null ? null : { ...next, at: Math.max(next.at, now) };
};
