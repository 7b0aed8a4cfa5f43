import { applyD1Migrations, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Clock } from "../../../bench/rooms/clock.ts";
import { meter } from "../../../bench/rooms/meter.ts";
import { evict, stubOf, Timeline } from "../../../bench/rooms/timeline.ts";
import { call } from "../../rooms/ask.ts";
import { loseLedger } from "../../rooms/lost-ledger.ts";
import { room } from "../../rooms/rooms.ts";
import { Faults } from "./faults.ts";
import { NOWHERE } from "./model.ts";
import { Place } from "./place.ts";

const OWNER = "owner";
/** After an alarm handler that was cut off, the runtime calls it again. */
const ALARM_AGAIN_MS = 2000;
/** An answer that takes more turns of the event loop waits for time to pass. */
const MOST_TURNS = 200;

interface Asked<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The real rooms of one schedule, in simulated time, with everything around them. */
export class World {
  readonly timeline: Timeline;
  readonly faults = new Faults();
  /** What happened, line by line. */
  readonly log: string[] = [];
  readonly #places = new Map<string, Place>();
  /** Container objects that were ever there: a look at any other would make it. */
  readonly containers = new Set<string>();
  #giveLedgerBack: (() => Promise<unknown>) | null = null;
  /** The founding that is under way, and what became of the last one. */
  founding: { answer: Asked<{ id?: string }> | null } | null = null;

  private constructor(clock: Clock) {
    this.timeline = new Timeline(clock, async () => this.#attend());
  }

  /** An owner without towns, in a Curfew where nothing else ever was. */
  static during<T>(work: (world: World) => Promise<T>): Promise<T> {
    return Timeline.during(async (clock) => {
      // It deletes what is in memory: these two are the same in every world, all others have ids of their own.
      await room.user(OWNER).probe();
      await room.town(NOWHERE).probe();
      await reset();
      meter.forget();
      await applyD1Migrations(env.LEDGER, env.MIGRATIONS ?? []);
      await env.LEDGER.exec("DELETE FROM towns");
      const { now } = clock;
      // The Worker founds its owner once, and doesn't know that everything was reset.
      const charter = { id: `user:${OWNER}`, issuedAt: now, expiresAt: now + 60_000, user: OWNER };
      await room.user(OWNER).found(charter);
      const world = new World(clock);
      const { error } = console;
      console.error = (...what: unknown[]) => world.log.push(`  said: ${what.map(String).join(" ")}`);
      try {
        return await work(world);
      } catch (error) {
        // What is still under way must not reach into the next world.
        world.faults.lift();
        await world.timeline.settle().catch(() => undefined);
        throw error;
      } finally {
        console.error = error;
        world.faults.end();
        await world.giveLedgerBack();
      }
    });
  }

  get now(): number {
    return this.timeline.clock.now;
  }

  place(town: string): Place {
    const place = this.#places.get(town) ?? new Place(town, this.timeline);
    this.#places.set(town, place);
    return place;
  }

  get places(): Iterable<Place> {
    return this.#places.values();
  }

  #attend(): boolean {
    for (const present of meter.present)
      if (present.startsWith("container/")) this.containers.add(present.slice("container/".length));
    let isNew = false;
    for (const place of this.#places.values()) if (place.attend()) isNew = true;
    return isNew;
  }

  /** So many turns of the event loop, or until nothing happens without time passing. */
  async go(turns: number | null): Promise<void> {
    if (turns === null) return this.timeline.settle();
    for (let turn = 0; turn < turns; turn += 1) await this.timeline.turn();
  }

  /** Everything that is due by now is done; an alarm's handler that waits for an answer gets the time for it. */
  async quiet(): Promise<void> {
    const { timeline } = this;
    await timeline.pass(0);
    while (timeline.rings && timeline.next < Number.POSITIVE_INFINITY)
      await timeline.pass(Math.max(0, timeline.next - this.now));
  }

  /** Waits for an answer; should it take time, time passes. */
  async answer<T>(asked: Promise<T>): Promise<T> {
    let isThere = false;
    const work = meter.track("outside", asked).finally(() => {
      isThere = true;
    });
    work.catch(() => undefined);
    for (let turns = 0; !isThere; turns += 1) {
      if (turns > MOST_TURNS) await this.timeline.pass(Math.max(0, this.timeline.next - this.now));
      await this.timeline.turn();
    }
    return work;
  }

  /** A call by stub, which faults don't reach: those are the rooms' own. */
  async direct<T>(ask: () => T): Promise<Awaited<T>> {
    this.faults.isAside = true;
    try {
      return await this.answer((async () => await ask())());
    } finally {
      this.faults.isAside = false;
    }
  }

  /** A request of the owner's. */
  ask<Body = unknown>(method: string, path: string, body?: unknown): Promise<Asked<Body>> {
    return this.answer(call<Body>(method, path, body));
  }

  /** Asks for a new town, and doesn't wait. */
  found(name: string): void {
    const founding: World["founding"] = { answer: null };
    this.founding = founding;
    const ask = async (): Promise<void> => {
      const lost = { status: 0, body: {} };
      founding.answer = await call<{ id?: string }>("POST", "/api/towns", { name }).catch(() => lost);
    };
    void meter.track("outside", ask());
  }

  /** A town that is open goes to sleep soon: what it does meanwhile is the same every three minutes. */
  async hasten(town: string): Promise<void> {
    await this.direct(() => room.town(town).configure({ sleepAfter: "2m" }));
  }

  async loseLedger(): Promise<void> {
    this.#giveLedgerBack ??= await loseLedger();
  }

  async giveLedgerBack(): Promise<void> {
    await this.#giveLedgerBack?.();
    this.#giveLedgerBack = null;
  }

  /** A room leaves memory, with its sockets or without; one that is at work is cut off instead. */
  async evict(name: string, webSockets: "hibernate" | "close"): Promise<"evicted" | "cut off" | "absent"> {
    if (!meter.present.has(name)) return "absent";
    // A container's object watches its process, and so never idles while that runs.
    if (name.startsWith("container/") || this.timeline.isBusy(name)) {
      await this.#cutOff(name);
      return "cut off";
    }
    try {
      await evict(name, webSockets);
      return "evicted";
    } catch {
      // Somebody still waits for an answer of it.
      await this.#cutOff(name);
      return "cut off";
    }
  }

  async #cutOff(name: string): Promise<void> {
    const wasRinging = this.timeline.isRinging(name);
    await runInDurableObject(stubOf(name), (_instance, state) => state.abort("lost")).catch(() => undefined);
    // What was about to be written may be lost, the alarm too.
    const alarm = await runInDurableObject(stubOf(name), (_instance, { storage }) => storage.getAlarm());
    if (alarm !== null) meter.alarms.set(name, alarm);
    else if (wasRinging) meter.alarms.set(name, this.now + ALARM_AGAIN_MS);
    else meter.alarms.delete(name);
  }
}
