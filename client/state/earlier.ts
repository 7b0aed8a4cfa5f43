import type { Cursor, Page } from "../../src/protocol/page.ts";
import type { Room } from "./room.ts";

/** What has older things behind a cursor. */
interface Cut {
  readonly seq: number;
  readonly earlier: Cursor | null;
}

/**
 * Fetches one page of what a room's first frame left out and puts it before the rest.
 *
 * @param pageAfter the page at a cursor
 * @param into the state with that page
 * @throws Refusal
 */
export const loadEarlier = async <Item, State extends Cut>(
  room: Room<State>,
  pageAfter: (cursor: Cursor) => Promise<Page<Item>>,
  into: (state: State, items: readonly Item[], earlier: Cursor | null) => State,
): Promise<void> => {
  const cursor = room.store.getState().data?.earlier ?? null;
  if (cursor === null) return;
  const { items, next } = await pageAfter(cursor);
  const { data } = room.store.getState();
  // Meanwhile everything may have come anew, and ends elsewhere.
  if (data?.earlier === cursor) room.store.setState({ data: into(data, items, next) });
};
