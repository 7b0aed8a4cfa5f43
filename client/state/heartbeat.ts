import type { Page } from "./page.ts";

const PING_EVERY_MS = 20_000;
/** Pings in a row without an answer after which the socket is taken for dead. */
const UNANSWERED = 2;
/** How soon the answer must come when the page has just woken. */
const WAKE_ANSWER_MS = 5_000;

export interface Heartbeat {
  /** Something came in. */
  readonly heard: () => void;
  readonly stop: () => void;
}

/**
 * Finds sockets that died without saying so: pings while the page is visible, and at once when it is
 * shown again or the network is back. The server's runtime answers without waking the room.
 *
 * @param ping sends one; `false` if there is no open socket to send it on
 * @param dead the socket has to be made anew
 */
export const startHeartbeat = (page: Page, ping: () => boolean, dead: () => void): Heartbeat => {
  let unanswered = 0;
  let deadline: ReturnType<typeof setTimeout> | undefined;

  const heard = () => {
    unanswered = 0;
    clearTimeout(deadline);
    deadline = undefined;
  };
  const lost = () => {
    heard();
    dead();
  };
  const tick = () => {
    if (!page.visible()) {
      unanswered = 0;
    } else if (unanswered >= UNANSWERED) {
      lost();
    } else if (ping()) {
      unanswered += 1;
    }
  };
  const wake = () => {
    if (!ping()) lost();
    else deadline ??= setTimeout(lost, WAKE_ANSWER_MS);
  };

  const timer = setInterval(tick, PING_EVERY_MS);
  const offWake = page.onWake(wake);
  return {
    heard,
    stop: () => {
      clearInterval(timer);
      clearTimeout(deadline);
      offWake();
    },
  };
};
