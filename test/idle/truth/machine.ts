import type { RunOrder } from "../../../src/protocol/container/order.ts";
import type { ContainerTruth } from "../../../src/rooms/container.ts";
import type { ContainerPort } from "../../../src/town/ports.ts";
import { type Home, type Manners, PlayedProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

const LATENCY_MS = 5;
const START_MS = 400;
/** The container library's word of an exit, and when it tries again to say it. */
const HOOK_MS = 30;
const HOOK_AGAIN_MS = 15_000;
/** The library's own timer, at which the Town is asked whether it still knows this life. */
const BACKSTOP_MS = 3_600_000;

type Exit = Extract<ContainerTruth, { running: false }>;

/** What goes wrong next, once each. */
export interface Mishaps {
  startFails: boolean;
  startMs: number | null;
  /** An order is on its way for so long. */
  orderMs: number | null;
  /** An order is taken, and its answer never comes. */
  answerLost: boolean;
  /** SIGTERM is never answered, nor passed on. */
  stopHangs: boolean;
}

/** The Town as the container's object calls it; `null`: nobody answers. */
export interface TownHooks {
  stopped(life: number, exit: Exit): true | null;
  mayRun(life: number): boolean | null;
}

/** From when to when a container ran; the truth, whatever anybody believes. */
export interface Ran {
  readonly life: number;
  readonly from: number;
  to: number | null;
}

/**
 * The container's object and the machine below it, as `parties/town-container.ts` behaves: it starts a
 * life once, tells exits until they are heard, and answers late or never when a test says so.
 */
export class Machine {
  readonly mishaps: Mishaps = {
    startFails: false,
    startMs: null,
    orderMs: null,
    answerLost: false,
    stopHangs: false,
  };
  readonly manners: Manners;
  readonly history: Ran[] = [];
  /** Questions that were not answered yet. */
  asked = 0;
  /** Exits that the Town has not heard of. */
  owed = 0;
  /** Until then the object is out of reach. */
  awayUntil = 0;
  process: PlayedProcess | null = null;
  readonly #timeline: Timeline;
  readonly #home: Home;
  readonly #uptime: () => number;
  readonly #town: TownHooks;
  #life = 0;
  #exit: Exit = { running: false, exitCode: null, reason: "it is not running" };

  constructor(parts: {
    readonly timeline: Timeline;
    readonly home: Home;
    readonly manners: Manners;
    readonly uptime: () => number;
    readonly town: TownHooks;
  }) {
    this.#timeline = parts.timeline;
    this.#home = parts.home;
    this.manners = parts.manners;
    this.#uptime = parts.uptime;
    this.#town = parts.town;
  }

  readonly port: ContainerPort = {
    order: (life, order) => {
      const { orderMs } = this.mishaps;
      this.mishaps.orderMs = null;
      return this.#answer(() => this.#order(life, order), orderMs ?? LATENCY_MS);
    },
    cancel: (life, run) =>
      this.#answer(async () => {
        if (this.process?.life === life) this.process.cancel(run);
      }),
    stop: (life) => this.#answer(() => this.#stop(life)),
    kill: (life) =>
      this.#answer(async () => {
        if (this.process?.life !== life) return this.#exit;
        this.process.end(137);
        return { running: false, exitCode: 137, reason: "killed" };
      }),
  };

  async #answer<T>(work: () => Promise<T>, latencyMs = LATENCY_MS): Promise<T> {
    this.asked += 1;
    try {
      await this.#timeline.wait(latencyMs);
      if (this.#timeline.now < this.awayUntil) throw new Error("out of reach");
      return await work();
    } finally {
      this.asked -= 1;
    }
  }

  async #order(life: number, order: RunOrder): ReturnType<ContainerPort["order"]> {
    if (life < this.#life) return { taken: false, truth: this.#exit, reason: "This life is over." };
    if (life > this.#life) {
      this.process?.end(137);
      this.#life = life;
      if (this.mishaps.startFails) {
        this.mishaps.startFails = false;
        this.#exit = { running: false, exitCode: null, reason: "no machine is free" };
        return { taken: false, truth: this.#exit, reason: "It could not be started." };
      }
      this.process = this.#start(life);
    }
    const { process } = this;
    if (process === null || !(await process.listening))
      return { taken: false, truth: this.#exit, reason: "It has ended." };
    if (process.isFrozen) return this.#silence();
    if (!process.take(order)) return { taken: false, truth: { running: true }, reason: "It is stopping." };
    if (!this.mishaps.answerLost) return { taken: true };
    this.mishaps.answerLost = false;
    throw new Error("the answer was lost");
  }

  #start(life: number): PlayedProcess {
    const startMs = this.mishaps.startMs ?? START_MS;
    this.mishaps.startMs = null;
    const ran: Ran = { life, from: this.#uptime(), to: null };
    this.history.push(ran);
    const exit = (process: PlayedProcess, code: number): void => {
      if (this.process === process) this.process = null;
      ran.to = this.#uptime();
      this.#exit = { running: false, exitCode: code, reason: `exit ${code}` };
      this.owed += 1;
      const told = this.#exit;
      this.#timeline.after(HOOK_MS, () => this.#tell(life, told, HOOK_AGAIN_MS));
    };
    this.#timeline.after(BACKSTOP_MS, () => this.#backstop(life));
    return new PlayedProcess(life, {
      timeline: this.#timeline,
      home: this.#home,
      manners: this.manners,
      startMs,
      exit,
    });
  }

  async #stop(life: number): Promise<ContainerTruth> {
    if (this.mishaps.stopHangs) {
      this.mishaps.stopHangs = false;
      return this.#silence();
    }
    if (this.process?.life !== life) return this.process === null ? this.#exit : { running: true };
    this.process.sigterm();
    return { running: true };
  }

  /** Nothing comes back any more: who asked no longer waits for this object, but for a deadline. */
  #silence(): Promise<never> {
    this.asked -= 1;
    return new Promise<never>(() => {});
  }

  /** Until it is heard, even if another life has begun. */
  #tell(life: number, exit: Exit, againMs: number): void {
    if (this.#town.stopped(life, exit)) this.owed -= 1;
    else this.#timeline.after(againMs, () => this.#tell(life, exit, Math.min(2 * againMs, BACKSTOP_MS)));
  }

  #backstop(life: number): void {
    if (this.process?.life !== life) return;
    if (this.#town.mayRun(life) === false) this.process.end(137);
    else this.#timeline.after(BACKSTOP_MS, () => this.#backstop(life));
  }
}
