import type { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import type { Cursor } from "../../src/protocol/page.ts";
import type { TownSummary } from "../../src/protocol/town.ts";
import { followsOn, GAP, type Gap, merge } from "./merge.ts";

/** The person's towns. One that is gone stays as `gone` until the next whole snapshot. */
export interface UserView {
  readonly seq: number;
  readonly towns: readonly TownSummary[];
  /** The cursor of older towns that were not read yet; `null`: there are none. */
  readonly earlier: Cursor | null;
}

/** The person's towns with one more page of older ones. */
export const withEarlierTowns = (
  state: UserView,
  towns: readonly TownSummary[],
  earlier: Cursor | null,
): UserView => ({ ...state, towns: merge(state.towns, towns, (town) => town.id), earlier });

/** The person's towns after one more frame. */
export const reduceUser = (state: UserView | null, frame: UserFrame): UserView | Gap => {
  if (frame.type === "snapshot" && frame.since === null) {
    const { seq, towns, earlier } = frame;
    return { seq, towns, earlier };
  }
  if (state === null) return GAP;
  if (frame.type === "snapshot" && !followsOn(state, frame.since ?? 0)) return GAP;
  return {
    ...state,
    seq: Math.max(state.seq, frame.seq),
    towns: merge(state.towns, frame.towns, (town) => town.id),
  };
};
