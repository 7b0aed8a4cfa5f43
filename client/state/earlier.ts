import type { Entry } from "../../src/protocol/entry.ts";
import { type Transcript, withEarlier } from "./reduce-agent.ts";
import type { Room } from "./room.ts";

/** One answer of `GET …/transcript?after=`. */
export interface TranscriptPage {
  readonly seq: number;
  readonly entries: readonly Entry[];
}

/**
 * Fetches what a transcript's snapshot left out and puts it before the rest.
 *
 * @param pageAfter `GET …/transcript?after=<seq>`
 * @throws Refusal
 */
export const loadEarlier = async (
  room: Room<Transcript>,
  pageAfter: (seq: number) => Promise<TranscriptPage>,
): Promise<void> => {
  const upTo = room.store.getState().data?.seq ?? 0;
  const earlier: Entry[] = [];
  for (let after = 0; after < upTo;) {
    const page = await pageAfter(after);
    earlier.push(...page.entries);
    if (page.entries.length === 0 || page.seq <= after) break;
    after = page.seq;
  }
  const { data } = room.store.getState();
  if (data !== null) room.store.setState({ data: withEarlier(data, earlier) });
};
