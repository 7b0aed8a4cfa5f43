import { vi } from "vitest";
import { PATIENCE_MS } from "../support/patience.ts";

/**
 * Waits until `look` no longer throws, and returns what it gave: for what rooms do after they have
 * answered, which nobody can await.
 */
export const soon = <T>(look: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(look, { timeout: PATIENCE_MS, interval: 10 });
