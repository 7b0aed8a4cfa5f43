import { Server } from "partyserver";
import type { Connection, ConnectionContext } from "partyserver";
import type { Env } from "../src/env.ts";
import { fail, nextStep, strike, type Finalizer, type FinalizerName } from "../src/lifecycle/finalizer.ts";
import { RoomGone } from "../src/lifecycle/gone.ts";
import { stillbornReceipt, type Receipt } from "../src/lifecycle/receipt.ts";
import { beginDestroy, found, UNBORN, type Charter, type Vital } from "../src/lifecycle/vital.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import { problem, Refusal, type Answer } from "../src/protocol/problem.ts";
import { refuseSocket } from "../src/http/refuse-socket.ts";
import { withDeadline } from "../src/deadline.ts";
import { problemResponse } from "../src/http/problem-response.ts";

/** The only key of a room that is not unborn that this file owns; a dead room has no other. */
const VITAL = "vital";
/** A finalizer that neither ends nor fails is taken as failed after this long. */
const STEP_DEADLINE_MS = 60_000;
/** While a step is being tried, the alarm that takes over should this instance be lost. */
const STEP_RETRY_MS = STEP_DEADLINE_MS + 15_000;
/** After an alarm handler that threw: the runtime would drop the alarm for good after six tries. */
const ALARM_RETRY_MS = 30_000;

/** What anyone may see of a room without touching its life. */
export interface Probe {
  readonly vital: "unborn" | "alive" | "dying" | "dead";
  readonly keys: readonly string[];
  readonly tables: readonly string[];
  readonly bytes: number;
  readonly alarm: number | null;
  readonly receipt: Receipt | null;
}

/**
 * What every room shares: vital state, the gate before every entry, the one alarm, and destroy as a
 * saga (DESIGN §2; rules R1–R14 of docs/SPEC.md).
 *
 * The gate stands in front of PartyServer because PartyServer writes `__ps_name` at the first touch
 * of any room, one that never existed included.
 */
export abstract class Room<C extends Charter = Charter> extends Server<Env> {
  static override options = { hibernate: true };

  /** Which finalizers this kind of room has, in order; `self` is the last. */
  protected abstract readonly finalizers: readonly FinalizerName[];
  /** Makes the schema and what a living room needs; called once, inside a transaction. */
  protected abstract onFound(charter: C): void;
  /** Founds what a living room needs around it; again after a founding that was cut off, so idempotent. */
  protected async onBorn(): Promise<void> {}
  /** Carries out one finalizer, idempotently. Returns what was done; throws what went wrong. */
  protected abstract finalize(step: FinalizerName, vital: Vital<C>): Promise<string | null>;
  /** What the receipt says beyond the finalizers. */
  protected abstract describeEnd(): Partial<Receipt>;
  /** Tells the owner what is known before the storage goes; may throw, then it is tried again. */
  protected abstract lastWords(receipt: Receipt, charter: C): Promise<void>;
  /** Forgets what the instance holds in memory: the room is no longer alive. */
  protected abstract onDying(): void;

  /** When the alarm is set for; `undefined` in a new instance, which doesn't know. */
  #armed: number | null | undefined;
  #driving: Promise<void> | null = null;

  // ---- life

  protected get vital(): Vital<C> {
    return this.ctx.storage.kv.get<Vital<C>>(VITAL) ?? UNBORN;
  }

  #setVital(vital: Vital<C>): void {
    this.ctx.storage.kv.put(VITAL, vital);
  }

  /** The charter of a living room. @throws RoomGone in every other state */
  protected living(): C {
    const vital = this.vital;
    if (vital.state !== "alive") throw new RoomGone(vital.state);
    return vital.charter;
  }

  /** RPC: brings the room to life, if the charter is good and nothing was destroyed before. */
  async found(charter: C): Promise<Answer<null>> {
    const founding = found(this.vital, charter, Date.now());
    switch (founding.kind) {
      case "born":
        this.ctx.storage.transactionSync(() => {
          this.#setVital(founding.vital);
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

  /** Sets the room's one alarm, or deletes it. In one synchronous step with what decided it. */
  protected arm(at: number | null): void {
    if (at === this.#armed) return;
    this.#armed = at;
    void (at === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(at));
  }

  override async alarm(): Promise<void> {
    this.#armed = null;
    switch (this.vital.state) {
      case "unborn":
      case "dead":
        return;
      case "dying":
        await this.#drive();
        return;
      case "alive":
        try {
          await super.alarm();
        } catch (error) {
          if (this.vital.state !== "alive") return;
          console.error(`${this.constructor.name} ${this.name} alarm:`, error);
          this.arm(Date.now() + ALARM_RETRY_MS);
        }
    }
  }

  // ---- the gate

  override async fetch(request: Request): Promise<Response> {
    const { state } = this.vital;
    if (state === "alive") return super.fetch(request);
    const gone = state !== "unborn";
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
      return gone ? refuseSocket(CloseCode.gone, "gone") : refuseSocket(CloseCode.notFound, "never existed");
    }
    return problemResponse(
      gone ? problem("gone", "This is gone.") : problem("not-found", "This never existed."),
    );
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (this.vital.state === "alive") await super.webSocketMessage(ws, message);
    else closeQuietly(ws, CloseCode.gone, "gone");
  }

  override async webSocketClose(
    ws: WebSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): Promise<void> {
    if (this.vital.state === "alive") await super.webSocketClose(ws, code, reason, wasClean);
  }

  override async webSocketError(ws: WebSocket, error: unknown): Promise<void> {
    if (this.vital.state === "alive") await super.webSocketError(ws, error);
  }

  /** RPC: looks, creates nothing, and is answered in every state. */
  async probe(): Promise<Probe> {
    const { vital } = this;
    const { storage } = this.ctx;
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      )
      .toArray()
      .map((row) => row.name);
    return {
      vital: vital.state,
      keys: [...storage.kv.list()].map(([key]) => key),
      tables,
      bytes: storage.sql.databaseSize,
      alarm: await storage.getAlarm(),
      receipt:
        vital.state === "dead" ? vital.receipt : vital.state === "dying" ? this.#closingReceipt(vital) : null,
    };
  }

  // ---- the end

  /**
   * RPC: ends the room. Answers with the receipt: `gone`, or `closing` with what is still due, which
   * this room then tries by its own alarm until it is done. Destroying twice is destroying once; an
   * unborn room gets a tombstone too, so that a founding that was overtaken can't bring it to life.
   */
  async destroy(order: { readonly cause: string }): Promise<Receipt> {
    const vital = this.vital;
    if (vital.state === "dead") return vital.receipt;
    if (vital.state === "unborn") {
      const receipt = stillbornReceipt(this.#label, order.cause, Date.now());
      this.#setVital({ state: "dead", receipt });
      await this.ctx.storage.sync();
      return receipt;
    }
    if (vital.state === "alive") {
      const now = Date.now();
      this.#setVital(
        beginDestroy(vital, {
          cause: order.cause,
          finalizers: this.finalizers,
          bytes: this.ctx.storage.sql.databaseSize,
          now,
        }),
      );
      this.arm(now + STEP_RETRY_MS);
      this.onDying();
    }
    await this.#drive();
    return this.#receipt();
  }

  get #label(): string {
    return `${this.constructor.name} ${this.ctx.id.name ?? ""}`;
  }

  #receipt(): Receipt {
    const vital = this.vital;
    if (vital.state === "dead") return vital.receipt;
    if (vital.state === "dying") return this.#closingReceipt(vital);
    throw new Error("a receipt was asked of a living room");
  }

  #closingReceipt(vital: Extract<Vital<C>, { state: "dying" }>): Receipt {
    return {
      room: this.#label,
      state: "closing",
      cause: vital.cause,
      startedAt: vital.startedAt,
      endedAt: null,
      finalizers: [...vital.finalizers],
      bytesBefore: vital.bytesBefore,
      bytesAfter: null,
      agents: 0,
      containerExit: null,
      branches: [],
      ...this.describeEnd(),
    };
  }

  /** One driver at a time: the alarm and a second `destroy` join the one under way. */
  #drive(): Promise<void> {
    this.#driving ??= this.#driveSteps().finally(() => {
      this.#driving = null;
    });
    return this.#driving;
  }

  async #driveSteps(): Promise<void> {
    for (;;) {
      const vital = this.vital;
      if (vital.state !== "dying") return;
      const step = nextStep(vital.finalizers, Date.now());
      if (step.kind === "wait") {
        this.arm(step.at);
        return;
      }
      this.arm(Date.now() + STEP_RETRY_MS);
      try {
        if (step.name === "self") {
          await this.#bury(vital);
          return;
        }
        const detail = await withDeadline(this.finalize(step.name, vital), STEP_DEADLINE_MS);
        this.#note((finalizers) => strike(finalizers, step.name, detail, Date.now()));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#note((finalizers) => fail(finalizers, step.name, reason.slice(0, 300), Date.now()));
      }
    }
  }

  #note(change: (finalizers: readonly Finalizer[]) => Finalizer[]): void {
    const vital = this.vital;
    if (vital.state === "dying") this.#setVital({ ...vital, finalizers: change(vital.finalizers) });
  }

  /** The last step: everything goes, the tombstone stays, and what is still in flight is cut off. */
  async #bury(vital: Extract<Vital<C>, { state: "dying" }>): Promise<void> {
    const known = this.#closingReceipt(vital);
    await withDeadline(this.lastWords(known, vital.charter), STEP_DEADLINE_MS);
    const { storage } = this.ctx;
    await storage.deleteAll();
    this.#armed = null;
    const endedAt = Date.now();
    const receipt: Receipt = {
      ...known,
      state: "gone",
      endedAt,
      finalizers: strike(known.finalizers, "self", null, endedAt),
      bytesAfter: storage.sql.databaseSize,
    };
    this.#setVital({ state: "dead", receipt });
    await storage.sync();
    // In the next turn, so that the answer is out first (STACK.md: an abort in the same turn loses it).
    setTimeout(() => this.ctx.abort("dead", { retryAlarm: false }), 0);
  }

  /** The finalizer `sockets` of every room: the final code, so that nobody comes back. */
  protected closeSockets(): string {
    const sockets = this.ctx.getWebSockets();
    for (const ws of sockets) closeQuietly(ws, CloseCode.gone, "gone");
    return `${sockets.length} sockets`;
  }

  /** A connection's role and other facts, which the Worker set in a header that clients can't. */
  protected peerOf(ctx: ConnectionContext): string {
    return ctx.request.headers.get("x-curfew-peer") ?? "";
  }

  /** Sends to every open connection with the tag. */
  protected sendTo(tag: string, text: string): void {
    for (const connection of this.getConnections(tag) as Iterable<Connection>) {
      try {
        connection.send(text);
      } catch {
        // It is closing; its close event follows.
      }
    }
  }

  /** Pings are answered by the runtime, without waking the room; the time of the last one is kept. */
  protected answerPings(): void {
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Where a page's socket resumes: `?after=<seq>`. */
  protected afterOf(ctx: ConnectionContext): number | null {
    const after = Number(new URL(ctx.request.url).searchParams.get("after") ?? Number.NaN);
    return Number.isSafeInteger(after) && after > 0 ? after : null;
  }

  protected hasPeers(tag: string): boolean {
    return this.ctx.getWebSockets(tag).length > 0;
  }
}

const closeQuietly = (ws: WebSocket, code: number, reason: string): void => {
  try {
    ws.close(code, reason);
  } catch {
    // Closed already.
  }
};
