/** What a reducer answers when a frame doesn't follow from what it has: the page must connect again. */
export const GAP = Symbol("gap");
export type Gap = typeof GAP;

/**
 * Replaces by key what came newer (or as new) and adds what is unknown, in the order it came.
 *
 * @returns `have` itself if nothing changed, so that whoever shows it can tell
 */
export const merge = <T extends { readonly seq: number }>(
  have: readonly T[],
  came: readonly T[],
  key: (item: T) => string | number,
): readonly T[] => {
  if (came.length === 0) return have;
  const merged = [...have];
  const places = new Map(merged.map((item, place) => [key(item), place]));
  let changed = false;
  for (const item of came) {
    const place = places.get(key(item));
    if (place === undefined) {
      places.set(key(item), merged.push(item) - 1);
      changed = true;
    } else if (item.seq >= (merged[place]?.seq ?? 0)) {
      merged[place] = item;
      changed = true;
    }
  }
  return changed ? merged : have;
};

/** Whether a snapshot's `since` follows on from what the page has. */
export const followsOn = (state: { readonly seq: number } | null, since: number): boolean =>
  state !== null && since <= state.seq;
