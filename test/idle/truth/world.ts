import { readConfig } from "../../../src/config.ts";
import { CloseCode } from "../../../src/protocol/close-codes.ts";
import type { TownDown } from "../../../src/protocol/container/town-up.ts";
import { nextWake } from "../../../src/town/decide.ts";
import { FactCache } from "../../../src/town/cache.ts";
import type { RunOrder } from "../../../src/protocol/container/order.ts";
import { ASLEEP, type ContainerRecord } from "../../../src/town/container/record.ts";
import { MAX_CHECK_LOSSES } from "../../../src/town/rigs/waiting.ts";
import { readContainer, readTown } from "../../../src/town/tx.ts";
import type { TownPorts } from "../../../src/town/ports.ts";
import { first } from "../../../src/sql.ts";
import { createTown } from "../../../src/town/create.ts";
import { Town } from "../../../src/town/town.ts";
import { openStorage } from "../../support/sqlite.ts";
import { CHARTER } from "../../town/world.ts";
import { Machine } from "./machine.ts";
import type { PlayedProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** What a room does when its alarm handler throws. */
const ALARM_RETRY_MS = 30_000;

/**
 * A town's domain, its alarm and its socket as the room gives them, above a machine that is played down
 * to the process. Everything takes virtual time, so anything can come between anything.
 */
export class TruthWorld {
  readonly storage = openStorage();
  readonly timeline: Timeline;
  readonly machine: Machine;
  readonly config: ReturnType<typeof readConfig>;
  /** When a life last had a reason to run, in {@link uptime}. */
  readonly lastReason = new Map<number, number>();
  /** The longest `sleepAfter` that was ever set. */
  longestSleepMs: number;
  /** Moments at which all was quiet and the town's record was not the truth. */
  readonly disagreements: string[] = [];
  /** By how much the clock was set, each time. */
  readonly clockMs: number[] = [];
  /** For how long the container's object was out of reach, in all. */
  awayMs = 0;
  alarms = 0;
  /** `null` while workerd is down. */
  town: Town | null;
  alarm: number | null = null;
  #unschedule: () => void = () => {};
  #isRinging = false;
  #background = 0;
  #socket: PlayedProcess | null = null;
  /** Time in which nothing could happen: the machine slept, or workerd was down. */
  #lost = 0;
  #peersAwayUntil = 0;
  #record: ContainerRecord = ASLEEP;
  #doubtsSince: number | null = null;
  #hasRun = false;
  #hasReason = false;
  #instance = 0;
  #ids = 0;

  constructor(timeline: Timeline, workMs: (order: RunOrder) => number) {
    this.timeline = timeline;
    this.config = readConfig({ CURFEW_LIFE_MAX: "3h", CURFEW_RUN_MAX: "1h" });
    this.longestSleepMs = this.config.sleepAfterMs;
    this.machine = new Machine({
      timeline,
      manners: { workMs, deaf: false, endless: false },
      uptime: () => this.uptime,
      town: {
        stopped: (life, exit) => {
          this.town?.containerStopped(life, exit);
          return this.town === null ? null : true;
        },
        mayRun: (life) => this.town?.mayRun(life) ?? null,
      },
      home: {
        open: (process) => this.#open(process),
        frame: (process, frame) => this.#frame(process, JSON.stringify(frame)),
        closed: (process) => this.#closed(process),
      },
    });
    timeline.onStep = () => this.#look();
    const ports = this.#ports();
    createTown(ports);
    this.town = new Town(ports);
  }

  get uptime(): number {
    return this.timeline.now - this.#lost;
  }

  /** Time in which nothing could happen. */
  get lostMs(): number {
    return this.#lost;
  }

  /** From when to when each run was open. */
  get runs(): { number: number; from: number; to: number | null }[] {
    return this.storage.sql.all(`SELECT number, created_at AS "from", ended_at AS "to" FROM runs`);
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  /** Nobody is doing anything, and nothing is on its way. */
  get isQuiet(): boolean {
    const { machine } = this;
    return (
      this.town !== null &&
      !this.#isRinging &&
      this.#background === 0 &&
      machine.asked === 0 &&
      machine.owed === 0 &&
      (machine.process === null || machine.process.isQuiet)
    );
  }

  /** What waits for something although nothing is to come. */
  get unfinished(): unknown[] {
    return this.storage.sql.all(
      `SELECT id FROM messages UNION ALL SELECT number FROM runs WHERE state <> 'ended'
       UNION ALL SELECT number FROM beads WHERE status NOT IN ('closed', 'failed', 'cancelled')
       UNION ALL SELECT name FROM rigs WHERE state = 'checking' AND losses < ${MAX_CHECK_LOSSES}
       UNION ALL SELECT id FROM outbox`,
    );
  }

  /** The alarm that a new instance would set, which has to read everything. */
  get dueAlarm(): number | null {
    const { sql, kv } = this.storage;
    const facts = new FactCache(sql).facts(readTown(kv), readContainer(kv));
    return nextWake(facts, this.config, this.timeline.wall)?.at ?? null;
  }

  /** By how much the clock was set back, in all. */
  get wentBackMs(): number {
    return this.clockMs.reduce((sum, ms) => sum + Math.max(0, -ms), 0);
  }

  // ---- what befalls it

  /** The room is evicted, if nothing of it runs. */
  evict(): void {
    if (this.town !== null && !this.#isRinging && this.#background === 0) this.town = new Town(this.#ports());
  }

  /** workerd dies and is back after so long: what was only in memory is gone, sockets too. */
  async restart(downMs: number): Promise<void> {
    const rang = this.#isRinging;
    this.town = null;
    this.#instance += 1;
    this.#isRinging = false;
    this.#background = 0;
    this.#unschedule();
    const process = this.#socket;
    this.#socket = null;
    process?.broken();
    const before = this.timeline.now;
    await this.timeline.until(before + downMs);
    this.#lost += this.timeline.now - before;
    this.town = new Town(this.#ports());
    // An alarm whose handler was cut off rings again.
    if (rang) this.alarm = this.timeline.wall;
    this.#schedule();
  }

  /** The whole machine sleeps, process and all, as a laptop that is closed. */
  suspend(ms: number): void {
    this.timeline.skip(ms);
    this.#lost += ms;
  }

  /** Somebody sets the machine's clock. */
  setClock(byMs: number): void {
    this.timeline.setClocks(byMs);
    this.clockMs.push(byMs);
    this.#schedule();
  }

  /** The container's object can't be reached for so long. */
  hideObject(ms: number): void {
    this.machine.awayUntil = this.timeline.now + ms;
    this.awayMs += ms;
  }

  /** Nor the other rooms. */
  hidePeers(ms: number): void {
    this.#peersAwayUntil = this.timeline.now + ms;
  }

  // ---- the room

  #open(process: PlayedProcess): boolean | null {
    if (this.town === null) return null;
    if (this.town.linkOpened(process.life) !== null) return false;
    this.#socket = process;
    return true;
  }

  #frame(process: PlayedProcess, text: string): void {
    if (this.#socket !== process || this.town === null) return;
    if (this.town.mayRun(process.life)) this.town.linkFrame(text);
    else this.#close(CloseCode.gone);
  }

  #closed(process: PlayedProcess): void {
    if (this.#socket !== process) return;
    this.#socket = null;
    this.town?.linkClosed(process.life);
  }

  #close(code: number): void {
    const process = this.#socket;
    if (process === null) return;
    this.timeline.after(1, () => {
      if (this.#socket !== process) return;
      this.#closed(process);
      process.closedBy(code === CloseCode.gone);
    });
  }

  #schedule(): void {
    this.#unschedule();
    if (this.alarm === null || this.#isRinging) return;
    this.#unschedule = this.timeline.after(this.alarm - this.timeline.wall, () => void this.#ring());
  }

  async #ring(): Promise<void> {
    const { town } = this;
    if (town === null) return;
    const instance = this.#instance;
    this.alarms += 1;
    this.alarm = null;
    this.#isRinging = true;
    try {
      await town.onAlarm();
    } catch {
      if (instance === this.#instance) this.alarm = this.timeline.wall + ALARM_RETRY_MS;
    }
    if (instance !== this.#instance) return;
    this.#isRinging = false;
    this.#schedule();
  }

  #ports(): TownPorts {
    const instance = this.#instance;
    const isMine = (): boolean => instance === this.#instance;
    /** What an instance waited for when it was lost never comes. */
    const mine = async <T>(work: Promise<T>): Promise<T> => {
      const settled = await work.then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      return isMine() ? settled() : new Promise<never>(() => {});
    };
    const { machine } = this;
    const answer = async <T>(value: T) => {
      if (this.timeline.now < this.#peersAwayUntil) throw new Error("out of reach");
      return { ok: true, value } as const;
    };
    return {
      sql: this.storage.sql,
      kv: this.storage.kv,
      transaction: (work) => {
        if (!isMine()) throw new Error("a lost instance writes");
        const result = this.storage.transaction(work);
        this.#read();
        return result;
      },
      now: () => this.timeline.wall,
      newId: () => `id${++this.#ids}`,
      charter: CHARTER,
      config: this.config,
      defaultModel: null,
      localPaths: true,
      container: {
        order: (...args) => mine(machine.port.order(...args)),
        cancel: (...args) => mine(machine.port.cancel(...args)),
        stop: (...args) => mine(machine.port.stop(...args)),
        kill: (...args) => mine(machine.port.kill(...args)),
      },
      agents: {
        found: () => answer(null),
        tell: () => answer(null),
        destroy: async () => true,
        history: () => answer([]),
      },
      owner: { tell: () => answer(null) },
      link: {
        lastPingAt: (life) => (this.#socket?.life === life ? this.#socket.lastPingAt() : null),
        send: (text) => {
          const process = this.#socket;
          this.timeline.after(1, () => process?.hear(JSON.parse(text) as TownDown));
        },
        close: (code) => this.#close(code),
      },
      mintToken: async () => "token",
      arm: (at) => {
        this.alarm = at;
        this.#schedule();
      },
      background: (work) => {
        this.#background += 1;
        void work.finally(() => {
          if (isMine()) this.#background -= 1;
        });
      },
      viewers: { any: () => false, send: () => undefined },
    };
  }

  /** After each transaction: what the town has written down, and whether it has a reason to run. */
  #read(): void {
    this.#record = readContainer(this.storage.kv);
    this.#hasRun = first(this.storage.sql, "SELECT 1 FROM runs WHERE state <> 'ended' LIMIT 1") !== null;
    const { state, sleepsAt, life } = this.#record;
    const isUp = state === "starting" || state === "awake";
    if (isUp && this.#hasRun !== (sleepsAt === null))
      this.disagreements.push(`life ${life} has ${this.#hasRun ? "a" : "no"} run and sleeps at ${sleepsAt}`);
    // It had one up to this moment, too.
    if (this.#hasReason) this.lastReason.set(life, this.uptime);
    this.#hasReason = isUp && this.#hasRun;
    if (this.#hasReason) this.lastReason.set(life, this.uptime);
  }

  /** After each step: whether the record is the truth. */
  #look(): void {
    const { state, life } = this.#record;
    const runs = this.machine.process?.life ?? null;
    if (!this.isQuiet) return;
    const agrees = runs === (state === "asleep" ? null : life);
    // Of one that is to start or to stop the town itself says that it doesn't know yet; but not for long.
    const doubts = !agrees && (state === "starting" || state === "stopping");
    this.#doubtsSince = doubts ? (this.#doubtsSince ?? this.uptime) : null;
    const hasDecided = this.#doubtsSince === null || this.uptime - this.#doubtsSince > this.#longestDoubtMs;
    if (!agrees && hasDecided)
      this.disagreements.push(`life ${life} is ${state}, and ${runs ?? "nothing"} runs`);
  }

  get #longestDoubtMs(): number {
    const { startDeadlineMs, stopDeadlineMs } = this.config;
    return startDeadlineMs + stopDeadlineMs + 2 * this.awayMs + this.wentBackMs;
  }
}
