import type { Page } from "../../client/state/page.ts";

export interface FakePage extends Page {
  isVisible: boolean;
  /** The person comes back to the page. */
  readonly wake: () => void;
}

/** A page without a browser: paints at the next turn of the event loop. */
export const fakePage = (origin: string): FakePage => {
  const wakers = new Set<() => void>();
  const page: FakePage = {
    origin,
    isVisible: true,
    now: () => 1000,
    random: () => 0,
    visible: () => page.isVisible,
    onWake: (wake) => {
      wakers.add(wake);
      return () => wakers.delete(wake);
    },
    beforePaint: (flush) => void setImmediate(flush),
    wake: () => {
      for (const wake of wakers) wake();
    },
  };
  return page;
};
