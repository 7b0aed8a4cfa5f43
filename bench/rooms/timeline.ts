import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Objects } from "../../src/env.ts";
import type { Kind } from "../idle/lived.ts";
import { DAY_MS } from "../idle/policies.ts";
import { Clock } from "./clock.ts";
import { machineOf } from "./machine.ts";
import { meter } from "./meter.ts";

/** A room that nobody calls for so long leaves memory. */
const EVICTED_AFTER_MS = 10_000;
/** Turns of the event loop in which nothing is counted: then nothing is under way. */
const CALM_TURNS = 3;
/** What is under way and does nothing for so many turns waits for time to pass. */
const WAITING_TURNS = 12;
const MOST_TURNS = 5000;

const NAMESPACES = { user: "User", town: "Town", agent: "Agent", container: "TownContainer" } as const;

interface Later {
  readonly at: number;
  readonly run: () => void | Promise<void>;
}

/**
 * Simulated time for the rooms of this isolate, on workerd's own storage: every alarm is rung at its time,
 * and rooms that are left alone are evicted.
 */
export class Timeline {
  readonly clock: Clock;
  readonly #attend: () => Promise<boolean>;
  #later: Later[] = [];
  readonly #ringing = new Set<string>();
  #lastEvent: number;

  /** @param attend looks at what the machines were told, and says whether that was anything new */
  constructor(clock: Clock, attend: () => Promise<boolean>) {
    this.clock = clock;
    this.#attend = attend;
    this.#lastEvent = clock.now;
  }

  /**
   * Lets `work` have the clock of the isolate, a simulated day from now, so that no alarm rings by itself.
   */
  static async during<T>(work: (clock: Clock) => Promise<T>): Promise<T> {
    const clock = new Clock(Date.now() + DAY_MS);
    clock.install();
    try {
      return await work(clock);
    } finally {
      clock.uninstall();
    }
  }

  /** Does something later in simulated time. */
  after(ms: number, run: Later["run"]): void {
    this.#later.push({ at: this.clock.now + ms, run });
  }

  /** When something is due next; infinite if nothing is. */
  get next(): number {
    return Math.min(
      this.clock.next,
      ...this.#alarms().map(([, at]) => at),
      ...this.#later.map(({ at }) => at),
    );
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now + ms;
    // Whoever lets time pass may have done something before.
    this.#lastEvent = this.clock.now;
    for (;;) {
      await this.settle();
      const { next } = this;
      const to = Math.min(next, end);
      if (to - this.#lastEvent > EVICTED_AFTER_MS) await this.#evict();
      this.clock.goTo(to);
      if (next > end) return;
      this.#lastEvent = to;
      await this.#happen();
    }
  }

  /** A turn of the event loop, in which the machines' control servers do what they were told. */
  async turn(): Promise<boolean> {
    const isNew = await this.#attend();
    await this.clock.turn();
    return isNew;
  }

  /** Until everything that is under way has come to its end, or waits for time to pass. */
  async settle(): Promise<void> {
    let before = -1;
    let calm = 0;
    for (let turns = 0; ; turns += 1) {
      if (turns > MOST_TURNS) throw new Error(`time stands still for ${meter.busy.join(", ") || "nobody"}`);
      const isNew = await this.turn();
      const isCalm = !isNew && this.clock.next > this.clock.now && meter.activity === before;
      calm = isCalm ? calm + 1 : 0;
      before = meter.activity;
      if (calm >= (meter.inFlight === 0 ? CALM_TURNS : WAITING_TURNS)) {
        if (meter.inFlight === 0 || this.next < Number.POSITIVE_INFINITY) return;
      }
    }
  }

  /** Rings a room's alarm now, whenever it is due; its handler goes on by itself. */
  async ring(room: string): Promise<void> {
    if (this.#ringing.has(room)) return;
    let hasBegun = false;
    this.#ringing.add(room);
    runInDurableObject(stubOf(room), async (instance) => {
      await meter.rang(room);
      hasBegun = true;
      await instance.alarm?.();
    })
      // An instance that is lost takes its handler with it.
      .catch(() => undefined)
      .finally(() => this.#ringing.delete(room));
    // Looked at, not awaited: what another object resolves goes on in that object.
    while (!hasBegun) await this.clock.turn();
  }

  /** Whether an alarm's handler is under way, of any room. */
  get rings(): boolean {
    return this.#ringing.size > 0;
  }

  isRinging(room: string): boolean {
    return this.#ringing.has(room);
  }

  /** Whether it is in the middle of something. */
  isBusy(room: string): boolean {
    return this.isRinging(room) || meter.isBusy(room);
  }

  /** Everything that is due now. */
  async #happen(): Promise<void> {
    const due = this.#later.filter(({ at }) => at <= this.clock.now);
    this.#later = this.#later.filter(({ at }) => at > this.clock.now);
    for (const { run } of due) await run();
    for (const [room, at] of this.#alarms()) if (at <= this.clock.now) await this.ring(room);
  }

  /** Alarms that may ring: an object's next one waits until its handler has ended. */
  #alarms(): [room: string, at: number][] {
    return [...meter.alarms].filter(([room]) => !this.#ringing.has(room));
  }

  async #evict(): Promise<void> {
    for (const room of meter.present) {
      const [kind, name = ""] = room.split("/");
      // The library's loop keeps its object in memory while the container runs.
      if (kind === "container" && machineOf(name).isRunning) continue;
      if (!this.isBusy(room)) await evict(room, "hibernate");
    }
  }
}

/** A room leaves memory, with its sockets or without. */
export const evict = async (room: string, webSockets: "hibernate" | "close"): Promise<void> => {
  meter.present.delete(room);
  try {
    await evictDurableObject(stubOf(room), { webSockets });
  } catch (error) {
    // The runtime was faster: it looks at its own clock.
    if (!String(error).includes("not currently running"))
      throw new Error(`${room} can't be evicted`, { cause: error });
  }
};

/** A room by its kind and name. */
export const stubOf = (room: string): DurableObjectStub => {
  const [kind = "", name = ""] = room.split("/");
  return (env[NAMESPACES[kind as Kind]] as Objects<unknown> as Objects<DurableObjectStub>).getByName(name);
};
