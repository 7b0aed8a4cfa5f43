import { RoomGone } from "../src/lifecycle/gone.ts";
import type { Receipt } from "../src/lifecycle/receipt.ts";
import { Saga } from "../src/lifecycle/saga.ts";
import { found, UNBORN, type Charter, type Vital } from "../src/lifecycle/vital.ts";
import type { Wake } from "../src/lifecycle/wake.ts";
import { problem, Refusal, type Answer } from "../src/protocol/problem.ts";
import { withDeadline } from "../src/deadline.ts";
import type { Probe, RoomRpc } from "../src/rooms/room.ts";
import type { Migrations } from "../src/storage/migrations.ts";
import { nextTry } from "../src/storage/next-try.ts";
import { Opening, type Look } from "../src/storage/opening.ts";
import { kvOf, ownTables, removeAllBut, sqlOf } from "./adapters/storage.ts";
import { turnAway, turnOut, type Closed } from "./gate.ts";
import { Sockets } from "./sockets.ts";

/** What a finalizer may know of the room that ends. */
export type Dying<C extends Charter> = Pick<Extract<Vital<C>, { state: "dying" }>, "charter" | "cause">;

/** The only key of a room that is not unborn that this file owns; a dead room has no other. */
const VITAL = "vital";
/** PartyServer's own record. Written with the founding, or the first who only looks would write it. */
const PARTYSERVER_NAME = "__ps_name";
/** After an alarm handler that threw: the runtime would drop the alarm for good after six tries. */
const ALARM_RETRY_MS = 30_000;

/**
 * What every room shares: vital state, the gate before every entry, the one alarm, the opening of its
 * storage, and destroy as a saga (rules R1–R16 and U1–U9 of docs/SPEC.md).
 *
 * The gate stands in front of PartyServer because PartyServer writes `__ps_name` at the first touch
 * of any room, one that never existed included.
 */
export abstract class Room<C extends Charter, Name extends string, Told extends object = object>
  extends Sockets
  implements RoomRpc<C, Receipt<Name> & Told>
{
  static override options = { hibernate: true };

  /** Which finalizers this kind of room has, in order; `self`, which every room has, comes after them. */
  protected abstract readonly finalizers: readonly Name[];
  /** The history of what this kind of room stores. */
  protected abstract get migrations(): Migrations;
  /** Makes the schema and what a living room needs; called once, inside a transaction. */
  protected abstract onFound(charter: C): void;
  /** Founds what a living room needs around it; again after a founding that was cut off, so idempotent. */
  protected async onBorn(): Promise<void> {}
  /** Why a living room must wake by itself, and when; `null`: it has no alarm. */
  protected abstract wake(): Wake | null;
  /** Carries out one finalizer, idempotently. Returns what was done; throws what went wrong. */
  protected abstract finalize(step: Name, dying: Dying<C>): Promise<string | null>;
  /** What the receipt says beyond what every room's says. */
  protected abstract describeEnd(): Told;
  /** What it says of a room that never lived. */
  protected abstract readonly nothing: Told;
  /** Tells the owner what is known before the storage goes; may throw, then it is tried again. */
  protected abstract lastWords(receipt: Receipt<Name> & Told, charter: C): Promise<void>;
  /** Forgets what the instance holds in memory: the room is no longer alive. */
  protected abstract onDying(): void;

  /** When the alarm is set for; `undefined` in a new instance, which doesn't know. */
  #armed: number | null | undefined;
  /** What the alarm was last set for because the room could not be opened. */
  #vainlyAt: number | undefined;
  #theSaga: Saga<C, Name, Told> | null = null;
  #theOpening: Opening | null = null;

  // ---- life

  protected get vital(): Vital<C, Name, Told> {
    return this.ctx.storage.kv.get<Vital<C, Name, Told>>(VITAL) ?? UNBORN;
  }

  #setVital(vital: Vital<C, Name, Told>): void {
    this.ctx.storage.kv.put(VITAL, vital);
  }

  /**
   * The charter of a living room, whose storage is up to date from here on.
   *
   * @throws RoomGone in every other state
   * @throws Refusal `unavailable` when this build can't open it
   */
  protected living(): C {
    const vital = this.vital;
    if (vital.state !== "alive") throw new RoomGone(vital.state);
    const shut = this.#opening.open();
    if (shut !== null) throw new Refusal("unavailable", shut);
    return vital.charter;
  }

  get #opening(): Opening {
    const { storage } = this.ctx;
    this.#theOpening ??= new Opening({
      sql: sqlOf(storage),
      kv: kvOf(storage),
      migrations: () => this.migrations,
      transaction: (work) => storage.transactionSync(work),
      now: () => Date.now(),
      report: (error) => console.error(`${this.constructor.name} ${this.#knownName} migration:`, error),
    });
    return this.#theOpening;
  }

  /** RPC: brings the room to life, if the charter is good and nothing was destroyed before. */
  async found(charter: C): Promise<Answer<null>> {
    const founding = found(this.vital, charter, Date.now());
    switch (founding.kind) {
      case "born":
        this.ctx.storage.transactionSync(() => {
          this.#setVital(founding.vital);
          this.ctx.storage.kv.put(PARTYSERVER_NAME, this.name);
          this.onFound(charter);
        });
        return this.answer(() => this.#bear());
      case "already":
        return this.answer(() => this.#bear());
      case "refused":
        return {
          ok: false,
          problem:
            founding.why === "gone"
              ? problem("gone", "This is gone and can't come back.")
              : problem("conflict", `This can't be founded: ${founding.why}.`),
        };
    }
  }

  async #bear(): Promise<null> {
    this.living();
    await this.onBorn();
    return null;
  }

  /** Runs `work` and turns refusals into values: over RPC an error loses its class. */
  protected async answer<T>(work: () => T | Promise<T>): Promise<Answer<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, problem: this.#problemOf(error) };
    }
  }

  #problemOf(error: unknown) {
    if (error instanceof Refusal) return error.problem;
    if (error instanceof RoomGone) {
      return error.state === "unborn" ? problem("not-found", error.message) : problem("gone", error.message);
    }
    console.error(`${this.constructor.name} ${this.ctx.id.name ?? ""}:`, error);
    return problem("unexpected", "This is a fault of Curfew; its log has the details.");
  }

  // ---- the alarm

  /**
   * Sets the alarm of a living room, or deletes it: in one synchronous step with what decided it. A room
   * that is dying has its saga's alarm, which no late handler may move.
   */
  protected arm(at: number | null): void {
    if (this.vital.state === "alive") this.#arm(at);
  }

  #arm(at: number | null): void {
    if (at === this.#armed) return;
    this.#armed = at;
    void (at === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(at));
  }

  override async alarm(about?: AlarmInvocationInfo): Promise<void> {
    this.#armed = null;
    const { state } = this.vital;
    try {
      if (this.#isShut(state)) {
        this.#vainlyAt = nextTry(about?.scheduledTime ?? this.#vainlyAt, Date.now());
        this.#arm(this.#vainlyAt);
        return;
      }
      if (state === "dying") await this.#saga.drive();
      if (state === "alive") await super.alarm();
    } catch (error) {
      if (this.vital.state !== state) return;
      console.error(`${this.constructor.name} ${this.#knownName} alarm:`, error);
      this.#arm(Date.now() + ALARM_RETRY_MS);
    }
  }

  /** Whether nothing that is due may be done: it couldn't be opened, or ended, by this build. */
  #isShut(state: Vital["state"]): boolean {
    if (state === "alive") return this.#opening.open(true) !== null;
    return state === "dying" && this.#opening.newer() !== null;
  }

  // ---- the gate

  /** Who may not enter, and why; `null`: the room lives, and its storage is open. */
  #gate(): Closed | null {
    const { state } = this.vital;
    if (state !== "alive") return { kind: state === "unborn" ? "unborn" : "gone" };
    const why = this.#opening.open();
    return why === null ? null : { kind: "shut", why };
  }

  override async fetch(request: Request): Promise<Response> {
    const closed = this.#gate();
    return closed === null ? super.fetch(request) : turnAway(request, closed);
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const closed = this.#gate();
    if (closed === null) await super.webSocketMessage(ws, message);
    else turnOut(ws, closed);
  }

  override async webSocketClose(
    ws: WebSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): Promise<void> {
    if (this.#gate() === null) await super.webSocketClose(ws, code, reason, wasClean);
  }

  override async webSocketError(ws: WebSocket, error: unknown): Promise<void> {
    if (this.#gate() === null) await super.webSocketError(ws, error);
  }

  /** RPC: looks, creates nothing, and is answered in every state. */
  async probe(): Promise<Probe<Receipt<Name> & Told>> {
    const { storage } = this.ctx;
    const alarm = await storage.getAlarm();
    const { vital } = this;
    const schema =
      vital.state === "alive" || vital.state === "dying" ? this.#opening.look(vital.state) : null;
    return {
      vital: vital.state,
      keys: [...storage.kv.list()].map(([key]) => key),
      tables: ownTables(storage),
      bytes: storage.sql.databaseSize,
      alarm,
      wake: this.#whyAwake(alarm, schema),
      receipt: vital.state === "dead" || vital.state === "dying" ? this.#saga.receipt() : null,
      schema,
    };
  }

  #whyAwake(alarm: number | null, schema: Look | null): Wake | null {
    if (schema?.standing === "current" && this.vital.state === "alive") return this.wake();
    if (schema === null || alarm === null) return null;
    if (schema.shut !== null) return { at: alarm, why: "its storage can't be opened: it is tried again" };
    const why = this.vital.state === "dying" ? "it is being ended" : "its storage is brought up to date";
    return { at: alarm, why };
  }

  // ---- the end

  /**
   * RPC: ends the room. Answers with the receipt: `gone`, or `closing` with what is still due, which
   * this room then tries by its own alarm until it is done. Destroying twice is destroying once. It works
   * where a migration throws.
   *
   * @throws Refusal `unavailable` when a newer build has written what is here
   */
  async destroy(order: { readonly cause: string }): Promise<Receipt<Name> & Told> {
    const { state } = this.vital;
    const newer = state === "alive" || state === "dying" ? this.#opening.newer() : null;
    if (newer !== null) throw new Refusal("unavailable", newer);
    return this.#saga.destroy(order.cause);
  }

  /**
   * RPC of the sweep: removes the tombstone of a room that has been dead since before `goneBefore`.
   * Charters are long expired by then. Returns whether nothing is left.
   */
  async forget(goneBefore: number): Promise<boolean> {
    const vital = this.vital;
    if (vital.state === "unborn") return true;
    if (vital.state !== "dead" || (vital.receipt.endedAt ?? Infinity) >= goneBefore) return false;
    await this.ctx.storage.deleteAll();
    await this.ctx.storage.sync();
    return true;
  }

  /**
   * RPC of the sweep: what the room lives by, and with it whose it is; `null` for one that is unborn or
   * dead.
   */
  async charter(): Promise<C | null> {
    const { vital } = this;
    return vital.state === "alive" || vital.state === "dying" ? vital.charter : null;
  }

  /** An instance that was reached by its id has no name but the one that was stored. */
  get #knownName(): string {
    const { id, storage } = this.ctx;
    return id.name ?? storage.kv.get<string>(PARTYSERVER_NAME) ?? id.toString();
  }

  get #saga(): Saga<C, Name, Told> {
    this.#theSaga ??= this.#makeSaga();
    return this.#theSaga;
  }

  #makeSaga(): Saga<C, Name, Told> {
    const { storage } = this.ctx;
    return new Saga<C, Name, Told>({
      label: `${this.constructor.name} ${this.#knownName}`,
      finalizers: this.finalizers,
      now: () => Date.now(),
      read: () => this.vital,
      write: (vital) => this.#setVital(vital),
      arm: (at) => this.#arm(at),
      bytes: () => storage.sql.databaseSize,
      onDying: () => this.onDying(),
      finalize: (step, vital) => this.finalize(step, vital),
      describeEnd: () => this.describeEnd(),
      nothing: this.nothing,
      lastWords: (receipt, charter) => this.lastWords(receipt, charter),
      clear: () => removeAllBut(storage, VITAL),
      wipe: async () => {
        await storage.deleteAll();
        this.#armed = null;
      },
      sync: () => storage.sync(),
      // In the next turn, so that the answer is out first: an abort in the same turn loses it.
      cutOff: () => {
        setTimeout(() => this.ctx.abort("dead", { retryAlarm: false }), 0);
      },
      withDeadline,
    });
  }
}
