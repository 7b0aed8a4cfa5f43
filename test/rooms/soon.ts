import { vi } from "vitest";

/**
 * Waits until `look` no longer throws, and returns what it gave: for what rooms do after they have
 * answered, which nobody can await.
 */
export const soon = <T>(look: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(look, { timeout: 10_000, interval: 10 });
