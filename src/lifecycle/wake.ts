/** Why a room has an alarm, and for when (ms). */
export interface Wake<Why extends string = string> {
  readonly at: number;
  readonly why: Why;
}

/** The earliest of the reasons to wake; `null` means: no alarm at all. */
export const earliest = <W extends Wake>(wakes: Iterable<W>): W | null => {
  let first: W | null = null;
  for (const wake of wakes) if (first === null || wake.at < first.at) first = wake;
  return first;
};
