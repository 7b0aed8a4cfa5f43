const MAX_MISSED = 3;

/** Decides when a line is dead: three pings in a row without a pong. */
export class Heartbeat {
  #missed = 0;

  /** A connection is new, or answered. */
  pong(): void {
    this.#missed = 0;
  }

  /** It is time for the next ping. */
  beat(): "ping" | "lost" {
    if (this.#missed >= MAX_MISSED) return "lost";
    this.#missed += 1;
    return "ping";
  }
}
