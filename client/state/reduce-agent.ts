import type { AgentFrame } from "../../src/protocol/browser/agent-frame.ts";
import type { Entry } from "../../src/protocol/entry.ts";
import type { Cursor } from "../../src/protocol/page.ts";
import { followsOn, GAP, type Gap, merge } from "./merge.ts";

/** What the page has of one agent's transcript: an unbroken run of entries up to the newest. */
export interface Transcript {
  readonly seq: number;
  /** By id. */
  readonly entries: readonly Entry[];
  /** The cursor of the entries before the first one here; `null`: there are none. */
  readonly earlier: Cursor | null;
}

const byId = (a: Entry, b: Entry): number => a.id - b.id;

const mergeEntries = (have: readonly Entry[], came: readonly Entry[]): readonly Entry[] => {
  const merged = merge(have, came, (entry) => entry.id);
  return merged === have ? have : merged.toSorted(byId);
};

/** The transcript after one more frame. */
export const reduceAgent = (state: Transcript | null, frame: AgentFrame): Transcript | Gap => {
  switch (frame.type) {
    case "snapshot": {
      if (frame.since === null) {
        const { seq, entries, earlier } = frame;
        return { seq, entries: entries.toSorted(byId), earlier };
      }
      if (state === null || !followsOn(state, frame.since)) return GAP;
      return grown(state, frame.seq, mergeEntries(state.entries, frame.entries));
    }
    case "entry":
      return state === null ? GAP : grown(state, frame.seq, mergeEntries(state.entries, [frame.entry]));
    case "append":
      return state === null ? GAP : append(state, frame);
  }
};

/** The transcript with one more page of older entries before what is there. */
export const withEarlier = (
  state: Transcript,
  entries: readonly Entry[],
  earlier: Cursor | null,
): Transcript => ({ ...state, entries: mergeEntries(state.entries, entries), earlier });

const grown = (state: Transcript, seq: number, entries: readonly Entry[]): Transcript => ({
  ...state,
  seq: Math.max(state.seq, seq),
  entries,
});

/** Sent again, the same append changes nothing; one that doesn't fit is a gap. */
const append = (
  state: Transcript,
  { seq, id, offset, text }: AgentFrame & { type: "append" },
): Transcript | Gap => {
  const place = state.entries.findLastIndex((entry) => entry.id === id);
  const entry = state.entries[place];
  if (entry === undefined || !("text" in entry)) return GAP;
  if (entry.text.startsWith(text, offset)) return grown(state, seq, state.entries);
  if (entry.text.length !== offset) return GAP;
  return grown(state, seq, state.entries.with(place, { ...entry, seq, text: entry.text + text }));
};
