import { fail, nextStep, SELF, strike, type Finalizer } from "./finalizer.ts";
import { emptyReceipt, stillbornReceipt, type Receipt } from "./receipt.ts";
import { beginDestroy, type Charter, type Vital } from "./vital.ts";

/** A finalizer that neither ends nor fails is taken as failed after this long. */
export const STEP_DEADLINE_MS = 60_000;
/**
 * While a step is being tried, the alarm that takes over should this instance be lost. Where the step is
 * still under way, it only joins it.
 */
export const STEP_RETRY_MS = 10_000;

type Dying<C extends Charter, Name extends string> = Extract<Vital<C, Name>, { state: "dying" }>;

/**
 * All that a destruction needs of its room and its platform. `Name`: the steps that this kind of room has
 * beside `self`. `Told`: what its receipt says beyond what every room's says.
 */
export interface SagaPorts<C extends Charter, Name extends string, Told extends object> {
  /** `<Class> <name>`, for the receipt. */
  readonly label: string;
  /** Which finalizers this kind of room has, in order; `self`, which every room has, comes after them. */
  readonly finalizers: readonly Name[];
  readonly now: () => number;
  /** The room's record, read anew each time: after an await another world may be there. */
  readonly read: () => Vital<C, Name, Told>;
  /** Writes the record; durable with the next {@link SagaPorts.sync} or await of storage. */
  readonly write: (vital: Vital<C, Name, Told>) => void;
  /** Sets the room's one alarm. */
  readonly arm: (at: number) => void;
  /** Size of the room's storage, in bytes. */
  readonly bytes: () => number;
  /** Forgets what the instance holds in memory: the room is no longer alive. */
  readonly onDying: () => void;
  /** Carries out one finalizer, idempotently. Resolves to what was done; rejects with what went wrong. */
  readonly finalize: (step: Name, vital: Dying<C, Name>) => Promise<string | null>;
  /** What the receipt says beyond the finalizers. */
  readonly describeEnd: () => Told;
  /** What it says of a room that never lived. */
  readonly nothing: Told;
  /** Tells the owner what is known before the storage goes; rejects to be asked again. */
  readonly lastWords: (receipt: Receipt<Name> & Told, charter: C) => Promise<void>;
  /** Removes, in the same step, whatever an unborn room has: it isn't a room's. */
  readonly clear: () => void;
  /** Wipes the storage, alarm included. */
  readonly wipe: () => Promise<void>;
  readonly sync: () => Promise<void>;
  /** Cuts off whatever is still in flight in this instance, after the answer is out. */
  readonly cutOff: () => void;
  /** Rejects when `work` takes longer than `ms`. */
  readonly withDeadline: <T>(work: Promise<T>, ms: number) => Promise<T>;
}

/**
 * The destruction of a room as a saga (rules R4, R9–R15 of docs/SPEC.md): one step after the other,
 * each written down when it is done, tried again by the alarm for as long as it takes.
 */
export class Saga<C extends Charter, Name extends string, Told extends object> {
  readonly #ports: SagaPorts<C, Name, Told>;
  #driving: Promise<void> | null = null;

  constructor(ports: SagaPorts<C, Name, Told>) {
    this.#ports = ports;
  }

  /**
   * Ends the room, as far as that goes now. Answers with the receipt: `gone`, or `closing` with what is
   * still due. An unborn room gets a tombstone, too: a founding that was overtaken finds it.
   */
  async destroy(cause: string): Promise<Receipt<Name> & Told> {
    const { label, finalizers, now, read, write, arm, bytes, onDying, nothing, clear, sync } = this.#ports;
    const vital = read();
    switch (vital.state) {
      case "dead":
        return vital.receipt;
      case "unborn": {
        clear();
        const receipt = this.#entomb({ ...stillbornReceipt(label, cause, now()), ...nothing });
        await sync();
        return receipt;
      }
      case "alive": {
        const at = now();
        write(beginDestroy(vital, { cause, finalizers, bytes: bytes(), now: at }));
        arm(at + STEP_RETRY_MS);
        onDying();
        break;
      }
      case "dying":
        break;
    }
    await this.drive();
    return this.receipt();
  }

  /** Goes on with a destruction. One driver at a time: who comes while one is under way joins it. */
  drive(): Promise<void> {
    this.#driving ??= this.#steps().finally(() => {
      this.#driving = null;
    });
    return this.#driving;
  }

  /** The receipt of a dying or dead room. */
  receipt(): Receipt<Name> & Told {
    const vital = this.#ports.read();
    if (vital.state === "dead") return vital.receipt;
    if (vital.state === "dying") return this.#closing(vital);
    throw new Error(`a receipt was asked of a room that is ${vital.state}`);
  }

  #closing(vital: Dying<C, Name>): Receipt<Name> & Told {
    return {
      ...emptyReceipt(this.#ports.label, vital.cause),
      startedAt: vital.startedAt,
      finalizers: [...vital.finalizers],
      bytesBefore: vital.bytesBefore,
      ...this.#ports.describeEnd(),
    };
  }

  /** Writes the tombstone, which says how large it is: so it is measured once it is there. */
  #entomb(receipt: Receipt<Name> & Told): Receipt<Name> & Told {
    const { write, bytes } = this.#ports;
    write({ state: "dead", receipt });
    const measured = { ...receipt, bytesAfter: bytes() };
    write({ state: "dead", receipt: measured });
    return measured;
  }

  async #steps(): Promise<void> {
    const { now, read, arm, finalize, withDeadline } = this.#ports;
    for (;;) {
      const vital = read();
      if (vital.state !== "dying") return;
      const step = nextStep(vital.finalizers, now());
      if (step.kind === "wait") {
        arm(step.at);
        return;
      }
      arm(now() + STEP_RETRY_MS);
      try {
        if (step.kind === "bury") {
          await this.#bury(vital);
          return;
        }
        const detail = await withDeadline(finalize(step.name, vital), STEP_DEADLINE_MS);
        this.#note((finalizers) => strike(finalizers, step.name, detail, now()));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const name = step.kind === "bury" ? SELF : step.name;
        this.#note((finalizers) => fail(finalizers, name, reason.slice(0, 300), now()));
      }
    }
  }

  #note(change: (finalizers: readonly Finalizer<Name>[]) => Finalizer<Name>[]): void {
    const vital = this.#ports.read();
    if (vital.state === "dying") this.#ports.write({ ...vital, finalizers: change(vital.finalizers) });
  }

  /** The last step: everything goes, the tombstone stays, and what is still in flight is cut off. */
  async #bury(vital: Dying<C, Name>): Promise<void> {
    const { now, lastWords, wipe, sync, cutOff, withDeadline } = this.#ports;
    const known = this.#closing(vital);
    await withDeadline(lastWords(known, vital.charter), STEP_DEADLINE_MS);
    await wipe();
    const endedAt = now();
    this.#entomb({
      ...known,
      state: "gone",
      endedAt,
      finalizers: strike(known.finalizers, SELF, null, endedAt),
    });
    await sync();
    cutOff();
  }
}
