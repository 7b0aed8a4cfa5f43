import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { call } from "../../test/rooms/ask.ts";
import type { Town } from "../../src/protocol/town.ts";
import type { Day, Kind } from "../idle/lived.ts";
import { DAY_MS } from "../idle/policies.ts";
import { Clock } from "./clock.ts";
import { ControlServer, type Pace } from "./control-server.ts";
import { type Machine, machineOf } from "./machine.ts";
import { meter } from "./meter.ts";

/** A room that nobody calls for so long leaves memory. */
const EVICTED_AFTER_MS = 10_000;
/** Turns of the event loop in which nothing is counted: then nothing is under way. */
const CALM_TURNS = 3;
const MOST_TURNS = 20_000;

const NAMESPACES = { user: "User", town: "Town", agent: "Agent", container: "TownContainer" } as const;

interface Later {
  readonly at: number;
  readonly run: () => void | Promise<void>;
}

/**
 * One town, lived through in simulated time on workerd's own storage: the simulation rings every alarm at
 * its time, evicts rooms that are left alone, and plays the machine and the control server on it.
 */
export class Simulation {
  readonly clock: Clock;
  readonly town: string;
  readonly machine: Machine;
  readonly #server: ControlServer;
  #later: Later[] = [];
  readonly #ringing = new Set<string>();
  #lastEvent: number;
  #dayBegan: number;
  #requestsBefore = 0;
  #startsBefore = 0;

  private constructor(clock: Clock, town: string, pace: Pace) {
    this.clock = clock;
    this.town = town;
    this.machine = machineOf(town);
    this.#lastEvent = clock.now;
    this.#dayBegan = clock.now;
    this.#server = new ControlServer(town, this.machine, pace, (ms, run) => this.after(ms, run));
  }

  /**
   * Founds a town a simulated day from now, so that no alarm rings by itself, and lives through it; the
   * clock of the isolate is the simulation's until `life` ends.
   */
  static async of<T>(pace: Pace, life: (simulation: Simulation) => Promise<T>): Promise<T> {
    const clock = new Clock(Date.now() + DAY_MS);
    clock.install();
    try {
      meter.take();
      const { status, body } = await call<Town>("POST", "/api/towns", { name: "Elm" });
      if (status !== 201) throw new Error(`the town was not founded: ${JSON.stringify(body)}`);
      return await life(new Simulation(clock, body.id, pace));
    } finally {
      clock.uninstall();
    }
  }

  /** Does something later in simulated time. */
  after(ms: number, run: Later["run"]): void {
    this.#later.push({ at: this.clock.now + ms, run });
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now + ms;
    for (;;) {
      await this.#settle();
      const next = Math.min(
        this.clock.next,
        ...this.#alarms().map(([, at]) => at),
        ...this.#later.map(({ at }) => at),
      );
      const to = Math.min(next, end);
      if (to - this.#lastEvent > EVICTED_AFTER_MS) await this.#evict();
      this.clock.goTo(to);
      if (next > end) return;
      this.#lastEvent = to;
      await this.#happen();
    }
  }

  /** Lets the rest of the present day pass. @returns what the day was like */
  async endDay(): Promise<Day> {
    await this.pass(this.#dayBegan + DAY_MS - this.clock.now);
    const { machine } = this;
    const day: Day = {
      tallies: meter.take(),
      containerRequests: machine.requests.length - this.#requestsBefore,
      starts: machine.stays.length - this.#startsBefore,
      awakeMinutes: machine.awakeMinutes(this.#dayBegan, this.clock.now),
    };
    this.#requestsBefore = machine.requests.length;
    this.#startsBefore = machine.stays.length;
    this.#dayBegan = this.clock.now;
    return day;
  }

  /** How often the town has touched its container, by reason; asked last, since asking is counted too. */
  async touches(): Promise<Record<string, number>> {
    const { body } = await call<Town>("GET", `/api/towns/${this.town}`);
    return Object.fromEntries(body.container.touches.map(({ reason, count }) => [reason, count]));
  }

  /** Everything that is due now. */
  async #happen(): Promise<void> {
    const due = this.#later.filter(({ at }) => at <= this.clock.now);
    this.#later = this.#later.filter(({ at }) => at > this.clock.now);
    for (const { run } of due) await run();
    for (const [room, at] of this.#alarms()) if (at <= this.clock.now) await this.#ring(room);
  }

  /** Alarms that may ring: an object's next one waits until its handler has ended. */
  #alarms(): [room: string, at: number][] {
    return [...meter.alarms].filter(([room]) => !this.#ringing.has(room));
  }

  /** Rings an alarm; its handler goes on by itself. */
  async #ring(room: string): Promise<void> {
    let hasBegun = false;
    this.#ringing.add(room);
    void runInDurableObject(stubOf(room), async (instance) => {
      await meter.rang(room);
      hasBegun = true;
      await instance.alarm?.();
    }).finally(() => this.#ringing.delete(room));
    // Looked at, not awaited: what another object resolves goes on in that object.
    while (!hasBegun) await this.clock.turn();
  }

  /** Until everything that is under way has come to its end, or waits for time to pass. */
  async #settle(): Promise<void> {
    let before = -1;
    let calm = 0;
    for (let turns = 0; calm < CALM_TURNS; turns += 1) {
      if (turns > MOST_TURNS) throw new Error("something goes on and on without time passing");
      if (await this.#server.attend()) calm = 0;
      await this.clock.turn();
      const isCalm = meter.inFlight === 0 && this.clock.next > this.clock.now;
      calm = isCalm && meter.activity === before ? calm + 1 : 0;
      before = meter.activity;
    }
  }

  async #evict(): Promise<void> {
    for (const room of meter.present) {
      // The library's loop keeps its object in memory while the container runs.
      if (room.startsWith("container/") && this.machine.isRunning) continue;
      meter.present.delete(room);
      await evictDurableObject(stubOf(room), { webSockets: "hibernate" });
    }
  }
}

const stubOf = (room: string): DurableObjectStub => {
  const [kind = "", name = ""] = room.split("/");
  return env[NAMESPACES[kind as Kind]].getByName(name);
};
