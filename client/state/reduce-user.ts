import type { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import type { TownSummary } from "../../src/protocol/town.ts";
import { followsOn, GAP, type Gap, merge } from "./merge.ts";

/** The person's towns. One that is gone stays as `gone` until the next whole snapshot. */
export interface UserView {
  readonly seq: number;
  readonly towns: readonly TownSummary[];
}

/** The person's towns after one more frame. */
export const reduceUser = (state: UserView | null, frame: UserFrame): UserView | Gap => {
  if (frame.type === "snapshot" && frame.since === null) return { seq: frame.seq, towns: frame.towns };
  if (state === null) return GAP;
  if (frame.type === "snapshot" && !followsOn(state, frame.since ?? 0)) return GAP;
  return {
    seq: Math.max(state.seq, frame.seq),
    towns: merge(state.towns, frame.towns, (town) => town.id),
  };
};
