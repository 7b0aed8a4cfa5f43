import { call } from "../../test/rooms/ask.ts";
import type { Town } from "../../src/protocol/town.ts";
import type { Day } from "../idle/lived.ts";
import { DAY_MS } from "../idle/policies.ts";
import type { Clock } from "./clock.ts";
import { ControlServer, type Pace } from "./control-server.ts";
import { type Machine, machineOf } from "./machine.ts";
import { meter } from "./meter.ts";
import { Timeline } from "./timeline.ts";

/** One town, lived through in simulated time: the machine below it and its control server are played. */
export class Simulation {
  readonly town: string;
  readonly machine: Machine;
  readonly #timeline: Timeline;
  #dayBegan: number;
  #requestsBefore = 0;
  #startsBefore = 0;

  private constructor(clock: Clock, town: string, pace: Pace) {
    this.town = town;
    this.machine = machineOf(town);
    this.#dayBegan = clock.now;
    const server = new ControlServer(town, this.machine, pace, (ms, run) => this.after(ms, run));
    this.#timeline = new Timeline(clock, () => server.attend());
  }

  /** Founds a town and lives through it; the clock of the isolate is the simulation's until `life` ends. */
  static of<T>(pace: Pace, life: (simulation: Simulation) => Promise<T>): Promise<T> {
    return Timeline.during(async (clock) => {
      meter.take();
      const { status, body } = await call<Town>("POST", "/api/towns", { name: "Elm" });
      if (status !== 201) throw new Error(`the town was not founded: ${JSON.stringify(body)}`);
      return life(new Simulation(clock, body.id, pace));
    });
  }

  /** Does something later in simulated time. */
  after(ms: number, run: () => void | Promise<void>): void {
    this.#timeline.after(ms, run);
  }

  /** Lets time pass. */
  pass(ms: number): Promise<void> {
    return this.#timeline.pass(ms);
  }

  /** Lets the rest of the present day pass. @returns what the day was like */
  async endDay(): Promise<Day> {
    const { clock } = this.#timeline;
    await this.pass(this.#dayBegan + DAY_MS - clock.now);
    const { machine } = this;
    const day: Day = {
      tallies: meter.take(),
      containerRequests: machine.requests.length - this.#requestsBefore,
      starts: machine.stays.length - this.#startsBefore,
      awakeMinutes: machine.awakeMinutes(this.#dayBegan, clock.now),
    };
    this.#requestsBefore = machine.requests.length;
    this.#startsBefore = machine.stays.length;
    this.#dayBegan = clock.now;
    return day;
  }

  /** How often the town has touched its container, by reason; asked last, since asking is counted too. */
  async touches(): Promise<Record<string, number>> {
    const { body } = await call<Town>("GET", `/api/towns/${this.town}`);
    return Object.fromEntries(body.container.touches.map(({ reason, count }) => [reason, count]));
  }
}
