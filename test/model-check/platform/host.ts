import type { Scheduler } from "../scheduler.ts";
import type { Caller } from "./caller.ts";
import { failed, type Answer, type Result } from "./exchange.ts";
import { Context } from "./context.ts";
import type { Platform } from "./platform.ts";
import type { Socket } from "./sockets.ts";
import { Storage, type Stored } from "./storage.ts";

/** One run of an object's class in memory; lost in a crash with all that it was awaiting. */
export interface Instance extends Caller {
  readonly storage: Storage;
  readonly host: Host;
  readonly context: Context;
  object: Entries;
  /** Input gates that are closed: events wait until all are open. */
  gates: number;
  /** Calls that it has not answered. */
  readonly calls: Set<Answer>;
}

/** The entries of an object's class that the runtime knows; all others are called by name. */
type Entries = Record<string, (...args: unknown[]) => unknown>;

/** After an alarm handler that threw: 2 s, doubling, six times; then the runtime drops the alarm. */
const ALARM_RETRY_MS = 2000;
const ALARM_TRIES = 6;

/**
 * A Durable Object: its storage for ever, an instance now and then. Constructs it when something
 * arrives, fires its alarm, and loses it when the schedule says so.
 */
export class Host {
  readonly platform: Platform;
  readonly className: string;
  readonly name: string;
  readonly storage: Storage;
  instance: Instance | null = null;
  sockets: Socket[] = [];
  /** The alarm handler is running; unless an alarm is set meanwhile, its end deletes the alarm. */
  isRinging = false;
  #deletesAlarm = false;
  #ringAgainAt = 0;
  #failures = 0;
  /** The platform took its alarm away: from then on others have to see that it ends. */
  lostAlarm = false;
  /** Something arrived once. What never was has no alarm that could ring again. */
  wasThere: boolean;

  constructor(platform: Platform, className: string, name: string, base: Stored | null) {
    this.platform = platform;
    this.className = className;
    this.name = name;
    this.wasThere = base !== null;
    this.storage = new Storage(base, () => {
      platform.changes += 1;
      platform.written.add(this);
    });
  }

  get label(): string {
    return `${this.className} ${this.name}`;
  }

  get #scheduler(): Scheduler {
    return this.platform.scheduler;
  }

  isGated(): boolean {
    return this.instance !== null && this.instance.gates > 0;
  }

  /** The instance, constructed if there is none. */
  wake(): Instance {
    if (this.instance !== null) {
      this.#scheduler.current = this.instance;
      return this.instance;
    }
    this.wasThere = true;
    const context = new Context(this);
    const instance: Instance = {
      label: this.label,
      isAlive: true,
      isGated: () => instance.gates > 0,
      storage: this.storage,
      host: this,
      context,
      object: {},
      gates: 0,
      calls: new Set(),
    };
    context.instance = instance;
    this.instance = instance;
    this.#scheduler.current = instance;
    const Class = this.platform.classOf(this.className);
    instance.object = new Class(context as never, this.platform.environmentOf(instance)) as Entries;
    return instance;
  }

  /** A call arrives; if the constructor has closed the gate, `later` puts it back. */
  call(method: string, args: readonly unknown[], answer: Answer, later: () => void): void {
    const instance = this.wake();
    if (instance.gates > 0) {
      later();
      return;
    }
    instance.calls.add(answer);
    void this.#answer(instance, answer, () => instance.object[method]?.(...args));
  }

  async #answer(instance: Instance, answer: Answer, work: () => unknown): Promise<void> {
    const outcome = await this.#outcome(work);
    const sender = { caller: instance, version: this.storage.version };
    if (instance.calls.delete(answer)) answer(outcome, sender);
  }

  /** Calls into the instance. Never rejects: what was thrown is the outcome. */
  async #outcome(work: () => unknown): Promise<Result> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  // ---- the alarm

  dueAt(): number | null {
    if (this.isRinging || this.isGated() || this.storage.alarm === null) return null;
    return Math.max(this.storage.alarm, this.#ringAgainAt);
  }

  /** Rings once more, though no alarm is set: at least once is not exactly once. */
  ringAgain(): void {
    this.wake();
    this.#scheduler.add({
      label: `alarm of ${this.label}, again`,
      open: () => !this.isGated(),
      run: () => this.ring(),
      lose: null,
    });
  }

  ring(): void {
    this.storage.seal();
    this.storage.flush(this.storage.version);
    const instance = this.wake();
    if (instance.gates > 0 || this.isRinging) return;
    this.isRinging = true;
    this.#deletesAlarm = true;
    void this.#outcome(() => instance.object["alarm"]?.()).then((outcome) => this.#rang(instance, outcome));
  }

  #rang(instance: Instance, outcome: Result): void {
    if (!instance.isAlive) return;
    this.isRinging = false;
    if (outcome.ok) {
      this.#failures = 0;
      if (this.#deletesAlarm && this.storage.alarm !== null) this.storage.setAlarm(null);
      return;
    }
    this.platform.onFault(`R8: the alarm of ${this.label} threw ${String(outcome.error)}`);
    this.#failures += 1;
    this.#ringAgainAt = this.#scheduler.now + ALARM_RETRY_MS * 2 ** this.#failures;
    if (this.#failures >= ALARM_TRIES) this.loseAlarm();
  }

  setAlarm(at: number | null): void {
    this.#deletesAlarm = false;
    this.#ringAgainAt = 0;
    this.storage.setAlarm(at);
  }

  /** The platform forgets the alarm. */
  loseAlarm(): void {
    if (this.storage.alarm === null) return;
    this.lostAlarm = true;
    this.storage.setAlarm(null);
  }

  // ---- its end

  /** The instance is lost, and of what it wrote the last `lost` versions that were not durable yet. */
  crash(lost: number, why = "the object was reset"): void {
    const { instance } = this;
    this.platform.changes += 1;
    this.platform.written.add(this);
    const left = this.storage.lose(lost);
    this.isRinging = false;
    if (instance === null) return;
    instance.isAlive = false;
    this.instance = null;
    this.sockets = [];
    this.#scheduler.remove(
      ({ sender, owner }) => owner === instance || (sender?.caller === instance && sender.version > left),
    );
    this.platform.timers.forget(instance);
    for (const answer of instance.calls) answer(failed(why));
    instance.calls.clear();
  }
}
