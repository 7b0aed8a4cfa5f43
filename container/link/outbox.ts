/** An event with its place: numbered from 1, without gaps. */
export interface Numbered<E> {
  readonly n: number;
  readonly event: E;
}

/** What an {@link Outbox} has to know about the events it keeps. */
export interface OutboxRules<E> {
  /** Events of the same entry may be folded together; `null`: this one stands alone. */
  readonly entry: (event: E) => string | null;
  /** `next` folded into `previous` of the same entry; `null`: they stay two. */
  readonly merge: (previous: E, next: E) => E | null;
  /** Roughly how many characters the event holds. */
  readonly size: (event: E) => number;
  /** Above this sum of sizes, events are shrunk before they are kept. */
  readonly maxSize: number;
  /** What is kept of an event when too much waits already; `null`: nothing. */
  readonly shrink: (event: E) => E | null;
}

interface Kept<E> extends Numbered<E> {
  readonly size: number;
  /** Sent at least once: the other side may have it, so it never changes again. */
  readonly sent: boolean;
  /** Sent on the present connection. */
  readonly inFlight: boolean;
}

/**
 * Events on their way over a connection that may break at any moment. Each is kept until it is
 * acknowledged and sent again after a reconnect, always in order. While an event is unsent, later
 * pieces of the same entry are folded into it; events of one entry never overtake each other.
 */
export class Outbox<E> {
  readonly #rules: OutboxRules<E>;
  #kept: Kept<E>[] = [];
  #size = 0;
  #last = 0;
  #acknowledged = 0;

  constructor(rules: OutboxRules<E>) {
    this.#rules = rules;
  }

  /** The number of the last event that was pushed; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Everything up to this number has arrived. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** What has not been acknowledged, oldest first. */
  get pending(): readonly E[] {
    return this.#kept.map((kept) => kept.event);
  }

  push(event: E): void {
    const tooMuch = this.#size + this.#rules.size(event) > this.#rules.maxSize;
    const shrunk = tooMuch ? this.#rules.shrink(event) : event;
    if (shrunk === null || this.#fold(shrunk)) return;
    this.#last += 1;
    const size = this.#rules.size(shrunk);
    this.#size += size;
    this.#kept.push({ n: this.#last, event: shrunk, size, sent: false, inFlight: false });
  }

  /** What is to be sent now, in order; marks it as sent. */
  take(): Numbered<E>[] {
    const due = this.#kept.filter((kept) => !kept.inFlight);
    this.#kept = this.#kept.map((kept) => (kept.inFlight ? kept : { ...kept, sent: true, inFlight: true }));
    return due.map(({ n, event }) => ({ n, event }));
  }

  /** Everything up to `n` has arrived. */
  acknowledge(n: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(n, this.#last));
    this.#kept = this.#kept.filter((kept) => kept.n > this.#acknowledged);
    this.#size = this.#kept.reduce((sum, kept) => sum + kept.size, 0);
  }

  /** The connection is gone: what was not acknowledged will be sent again. */
  disconnected(): void {
    this.#kept = this.#kept.map((kept) => (kept.inFlight ? { ...kept, inFlight: false } : kept));
  }

  #fold(event: E): boolean {
    const entry = this.#rules.entry(event);
    if (entry === null) return false;
    const at = this.#kept.findLastIndex((kept) => this.#rules.entry(kept.event) === entry);
    const previous = this.#kept[at];
    if (!previous || previous.sent) return false;
    const merged = this.#rules.merge(previous.event, event);
    if (merged === null) return false;
    const size = this.#rules.size(merged);
    this.#size += size - previous.size;
    this.#kept[at] = { ...previous, event: merged, size };
    return true;
  }
}
