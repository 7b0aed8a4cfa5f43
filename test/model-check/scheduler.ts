import type { Caller } from "./platform/caller.ts";

/** A version of the storage of who sent something: it is out once that version is durable. */
export interface Sender {
  readonly caller: Caller;
  readonly version: number;
}

/** Something that waits to go on: a request on its way, an answer, a write being made durable. */
export interface Point {
  /** What happens when it is released; the log is made of these. */
  readonly label: string;
  /** Who waits for it inside itself: it goes when the owner is lost. */
  readonly owner?: Caller;
  /** Who sent it, in which version of its storage: it was never sent if that version is lost. */
  readonly sender?: Sender;
  /** Called when it was never sent. */
  unsent?(): void;
  /** Whether it may be released now: a room behind its input gate takes nothing. */
  open(): boolean;
  run(): void;
  /** Loses it on its way; `null`: it can't be lost. */
  readonly lose: (() => void) | null;
}

/** Something that comes due by the clock. */
export interface Due {
  readonly label: string;
  /** Virtual ms; `null`: not at all. */
  dueAt(): number | null;
  run(): void;
}

/** One release more or less: far more than any schedule needs to become quiet. */
const ENOUGH = 5000;

/**
 * Decides what goes on next: everything that is awaited in a world waits here until it is released.
 * Left alone it is fair (the oldest first, and time passes only when nothing else can happen), so
 * that a schedule is told by where it departs from that. The same releases give the same log.
 */
export class Scheduler {
  /** Virtual ms since the epoch. */
  now: number;
  /** Whose code runs: whose timer it is that is set now. */
  current: Caller | null = null;
  /** Called after each release, when everything that could follow from it has followed. */
  onStep: () => void = () => {};
  readonly log: string[] = [];
  /** Sources of things that come due, in the order in which they are looked at. */
  readonly dues = new Set<Due>();
  #points: Point[] = [];
  readonly #held = new Map<Point, number>();
  #steps = 0;

  constructor(now: number) {
    this.now = now;
  }

  get steps(): number {
    return this.#steps;
  }

  add(point: Point): void {
    this.#points.push(point);
  }

  /** Takes back what waits, because the instance that it belongs to is lost. */
  remove(which: (point: Point) => boolean): void {
    const removed = this.#points.filter(which);
    this.#points = this.#points.filter((point) => !removed.includes(point));
    for (const point of removed) point.unsent?.();
  }

  /** What waits and could go on now, the oldest first. */
  open(): Point[] {
    return this.#points.filter((point) => !this.#isHeld(point) && point.open());
  }

  /** The same, and what has come due. */
  ready(): (Point | Due)[] {
    const points = this.open();
    const dues = [...this.dues].filter((due) => (due.dueAt() ?? Infinity) <= this.now);
    return [...points, ...dues];
  }

  /** What is on its way and could get lost, the oldest first. */
  losable(): Point[] {
    return this.#points.filter((point) => point.lose !== null);
  }

  /** What is on its way with this label. */
  waiting(label: RegExp): Point | undefined {
    return this.#points.find((point) => label.test(point.label));
  }

  #isHeld(point: Point): boolean {
    const until = this.#held.get(point);
    return until !== undefined && this.#steps < until;
  }

  /** Keeps a point back for so many releases; `null`: until {@link releaseHeld}. */
  hold(point: Point, steps: number | null): void {
    this.#held.set(point, steps === null ? Infinity : this.#steps + steps);
    this.log.push(`held: ${point.label}`);
  }

  releaseHeld(): void {
    this.#held.clear();
  }

  /** Does something that nobody waits for: a fault, a request from outside. */
  async act(label: string, run: () => void): Promise<void> {
    this.#steps += 1;
    this.log.push(label);
    run();
    await settled();
    this.current = null;
    this.onStep();
  }

  lose(point: Point): Promise<void> {
    this.#points = this.#points.filter((other) => other !== point);
    return this.act(`lost: ${point.label}`, () => point.lose?.());
  }

  async release(next: Point | Due): Promise<void> {
    this.#points = this.#points.filter((other) => other !== next);
    await this.act(next.label, () => next.run());
  }

  /** Releases what is next in the fair order, letting time pass for it. Whether there was anything. */
  async step(horizon = Infinity): Promise<boolean> {
    const next = this.#next();
    if (next !== null) {
      await this.release(next);
      return true;
    }
    const at = this.#nextDueAt();
    if (at === null || at > horizon) return false;
    this.now = Math.max(this.now, at);
    return this.step(horizon);
  }

  #next(): Point | Due | null {
    for (const point of this.#points) if (!this.#isHeld(point) && point.open()) return point;
    let next: Due | null = null;
    let nextAt = Infinity;
    for (const due of this.dues) {
      const at = due.dueAt() ?? Infinity;
      if (at <= this.now && at < nextAt) {
        next = due;
        nextAt = at;
      }
    }
    return next;
  }

  #nextDueAt(): number | null {
    let next = Infinity;
    for (const due of this.dues) next = Math.min(next, due.dueAt() ?? Infinity);
    return next === Infinity ? null : next;
  }

  /** Goes on, fairly, until nothing is left to do before `horizon` (virtual ms). */
  async untilQuiet(horizon: number): Promise<void> {
    const start = this.#steps;
    while (await this.step(horizon))
      if (this.#steps - start > ENOUGH) throw new Error(`not quiet after ${ENOUGH} steps`);
    this.now = Math.max(this.now, horizon);
  }
}

/** Resolves when all promises that could go on have gone on: nothing in a world awaits anything else. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
