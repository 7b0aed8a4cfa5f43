/** What a room's socket needs of the page around it. */
export interface Page {
  /** `ws://host` or `wss://host`. */
  readonly origin: string;
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly visible: () => boolean;
  /** Calls back when the page is shown again or the network is back; returns what stops it. */
  readonly onWake: (wake: () => void) => () => void;
  /** Calls back before the next picture; a hidden page has none, so soon. */
  readonly beforePaint: (flush: () => void) => void;
}

/** The browser's own. */
export const browserPage: Page = {
  get origin() {
    return location.origin.replace(/^http/, "ws");
  },
  now: () => Date.now(),
  random: () => Math.random(),
  visible: () => document.visibilityState === "visible",
  onWake: (wake) => {
    const shown = () => {
      if (document.visibilityState === "visible") wake();
    };
    document.addEventListener("visibilitychange", shown);
    window.addEventListener("online", wake);
    return () => {
      document.removeEventListener("visibilitychange", shown);
      window.removeEventListener("online", wake);
    };
  },
  beforePaint: (flush) => {
    if (document.visibilityState === "visible") requestAnimationFrame(flush);
    else setTimeout(flush, 0);
  },
};
