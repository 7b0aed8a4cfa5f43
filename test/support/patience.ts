/**
 * How long a test waits for an event before it says that it didn't come: far above what any machine needs that is
 * busy with something else. Nothing that is right takes longer because of it.
 */
export const PATIENCE_MS = 300_000;

/** How long a test or a hook may take in all: several such waits. Work is bounded by counts, not by this. */
export const TEST_MS = 1_800_000;
