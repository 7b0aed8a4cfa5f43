import type { RunOrder } from "../../../src/protocol/container/order.ts";
import type { ContainerPort, ContainerTruth } from "../../../src/town/ports.ts";
import { type Home, type Manners, PlayedProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

const LATENCY_MS = 5;
const START_MS = 400;
/** The container library's word of an exit, and when it tries again to say it. */
const HOOK_MS = 30;
const HOOK_AGAIN_MS = 15_000;

type Exit = Extract<ContainerTruth, { running: false }>;

/** What goes wrong next, once each. */
export interface Mishaps {
  startFails: boolean;
  startMs: number | null;
  /** An order is taken, and its answer never comes. */
  answerLost: boolean;
  /** SIGTERM is never answered, nor passed on. */
  stopHangs: boolean;
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
  readonly mishaps: Mishaps = { startFails: false, startMs: null, answerLost: false, stopHangs: false };
  readonly manners: Manners;
  readonly history: Ran[] = [];
  /** Questions that were not answered yet. */
  asked = 0;
  /** An exit that the Town has not heard of. */
  owed = false;
  process: PlayedProcess | null = null;
  readonly #timeline: Timeline;
  readonly #home: Home;
  readonly #uptime: () => number;
  readonly #stopped: (life: number, exit: Exit) => boolean;
  #life = 0;
  #exit: Exit = { running: false, exitCode: null, reason: "it is not running" };
  #starting: Promise<void> | null = null;

  constructor(parts: {
    readonly timeline: Timeline;
    readonly home: Home;
    readonly manners: Manners;
    readonly uptime: () => number;
    /** Tells the Town; `false`: nobody answered. */
    readonly stopped: (life: number, exit: Exit) => boolean;
  }) {
    this.#timeline = parts.timeline;
    this.#home = parts.home;
    this.manners = parts.manners;
    this.#uptime = parts.uptime;
    this.#stopped = parts.stopped;
  }

  readonly port: ContainerPort = {
    order: (life, order) => this.#answer(() => this.#order(life, order)),
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

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    this.asked += 1;
    try {
      await this.#timeline.wait(LATENCY_MS);
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
      this.#starting = this.#start(life);
    }
    await this.#starting;
    const { process } = this;
    if (process === null) return { taken: false, truth: this.#exit, reason: "It has ended." };
    if (!process.take(order)) return { taken: false, truth: { running: true }, reason: "It is stopping." };
    if (!this.mishaps.answerLost) return { taken: true };
    this.mishaps.answerLost = false;
    throw new Error("the answer was lost");
  }

  async #start(life: number): Promise<void> {
    const { startMs } = this.mishaps;
    this.mishaps.startMs = null;
    const ran: Ran = { life, from: this.#uptime(), to: null };
    this.history.push(ran);
    await this.#timeline.wait(startMs ?? START_MS);
    const exit = (process: PlayedProcess, code: number): void => {
      if (this.process === process) this.process = null;
      ran.to = this.#uptime();
      this.#exit = { running: false, exitCode: code, reason: `exit ${code}` };
      this.owed = true;
      this.#timeline.after(HOOK_MS, () => this.#tell(life));
    };
    this.process = new PlayedProcess(life, {
      timeline: this.#timeline,
      home: this.#home,
      manners: this.manners,
      exit,
    });
  }

  async #stop(life: number): Promise<ContainerTruth> {
    if (this.mishaps.stopHangs) {
      this.mishaps.stopHangs = false;
      this.asked -= 1;
      return new Promise<never>(() => {});
    }
    if (this.process?.life !== life) return this.process === null ? this.#exit : { running: true };
    this.process.sigterm();
    return { running: true };
  }

  #tell(life: number): void {
    if (life !== this.#life || this.process !== null) this.owed = false;
    else if (this.#stopped(life, this.#exit)) this.owed = false;
    else this.#timeline.after(HOOK_AGAIN_MS, () => this.#tell(life));
  }
}
