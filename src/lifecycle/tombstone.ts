/** How long a tombstone stays, in ms: charters expire within hours, so nothing can come back after that. */
export const TOMBSTONE_MS = 30 * 86_400_000;
