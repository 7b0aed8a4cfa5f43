import type { Wake } from "../lifecycle/wake.ts";

/** A reason to wake, and what is done when its time has come. One list of them serves both questions. */
export interface Due<Why extends string, Action> {
  readonly wake: Wake<Why>;
  readonly action: Action;
}
