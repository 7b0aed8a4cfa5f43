import { Container } from "@cloudflare/containers";
import * as v from "valibot";
import { readConfig } from "../src/config.ts";
import type { Env } from "../src/env.ts";
import { backoffMs } from "../src/lifecycle/backoff.ts";
import type { RunOrder } from "../src/protocol/container/order.ts";
import { parseFrame } from "../src/protocol/parse.ts";
import type { RunId } from "../src/protocol/primitives.ts";
import {
  cancelStep,
  exitToTell,
  isTooOld,
  LIFE_OVER,
  mayKill,
  orderStep,
  overFrom,
} from "../src/container-object/rules.ts";
import {
  endOf,
  isOver,
  readState,
  runs,
  truthOf,
  type Begun,
  type Exit,
  type State,
} from "../src/container-object/state.ts";
import type { ContainerRpc, ContainerTruth, Life, Ordered } from "../src/rooms/container.ts";
import { rooms } from "../src/rooms/rooms.ts";
import { isNoRoom } from "../src/town/container/no-room.ts";
import { PURGED, STILL_RUNS } from "../src/town/container/purged.ts";
import { CONTAINER_MIGRATIONS } from "../src/storage/container.ts";
import { establish, type Migrations, type Storage } from "../src/storage/migrations.ts";
import { nextTry } from "../src/storage/next-try.ts";
import { Opening } from "../src/storage/opening.ts";
import { kvOf, removeAllBut, sqlOf } from "./adapters/storage.ts";

/** The library looks for it in the Worker whenever an object comes back while its container runs. */
export { ContainerProxy } from "@cloudflare/containers";

/** Where the control server listens inside the container. */
const PORT = 8080;
const TELL_AGAIN = { baseMs: 15_000, maxMs: 3_600_000 };

const Taken = v.object({ boot: v.string() });

/** Which boot of the control server took an order, as it says itself. */
const bootOf = (text: string): { boot?: string } => parseFrame(Taken, text) ?? {};

const notStarted = (reason: string): Ordered => ({
  taken: false,
  truth: { running: false, exitCode: null, reason },
  reason: `The container could not be started: ${reason}`,
  ...(isNoRoom(reason) && { why: "no-room" }),
});

/**
 * The container's object: an adapter between the library of containers and `src/container-object`, whose
 * rules say what may start. Nobody addresses it but its Town, through one port; any touch of it writes (the
 * library makes a table, a key and an alarm), so nothing reads it.
 */
export class TownContainer extends Container<Env> implements ContainerRpc {
  override defaultPort = PORT;
  /** The backstop only: the Town's own stored deadline stops an idle container. */
  override sleepAfter = "1h";

  /** The start that is under way. */
  #starting: Promise<void> | null = null;
  readonly #storage: Storage = { sql: sqlOf(this.ctx.storage), kv: kvOf(this.ctx.storage) };
  readonly #opening = new Opening({
    ...this.#storage,
    migrations: () => this.migrations,
    transaction: (work) => this.ctx.storage.transactionSync(work),
    now: () => Date.now(),
    report: (error) => console.error(`container of ${this.#town} migration:`, error),
  });

  protected get migrations(): Migrations {
    return CONTAINER_MIGRATIONS;
  }

  constructor(ctx: DurableObjectState<object>, env: Env) {
    super(ctx, env);
    const life = ctx.storage.kv.get<Life>("life");
    // The library forgets what a container was started with when it starts it again by itself.
    if (life !== undefined) this.envVars = life.env;
    if (this.#state.isDead) void ctx.blockConcurrencyWhile(() => this.#wipe());
  }

  /** Read anew at each use: after an await another world may be there. */
  get #state(): State {
    const isRunning = this.ctx.container?.running === true;
    return readState(this.#storage.kv, { isRunning, isStarting: this.#starting !== null });
  }

  /**
   * All goes but the mark that says that nothing may ever start here again. This is done again at every
   * touch, and a crash must never leave the object unmarked.
   */
  async #wipe(): Promise<void> {
    const { storage } = this.ctx;
    storage.kv.put("dead", true);
    removeAllBut(storage, "dead");
    await storage.sync();
  }

  /** An alarm that was on its way when the purge came: the library's loop needs what the purge took. */
  override async alarm(...about: Parameters<Container<Env>["alarm"]>): Promise<void> {
    if (this.#state.isDead) return;
    if (this.#shut() !== null) return this.#alarmOfShut(about[0]);
    await super.alarm(...about);
    if (this.#state.isDead) return;
    // When the library has told of an end it deletes the alarm, with it that of what the hook then scheduled.
    const owed = await this.listSchedules("tellTown");
    if (owed.length > 0 && (await this.ctx.storage.getAlarm()) === null) await this.scheduleNextAlarm();
  }

  /** Why this build can't read what is stored here; before the first start there is nothing to read. */
  #shut(): string | null {
    return this.#state.life === 0 ? null : this.#opening.open();
  }

  /** @throws Error while it is shut: to the Town, that is a container which can't be reached */
  #assertOpen(): void {
    const shut = this.#shut();
    if (shut !== null) throw new Error(shut);
  }

  /** The library's loop waits, but not the end of what is older than any container may be. */
  async #alarmOfShut(rang?: Partial<AlarmInvocationInfo>): Promise<void> {
    if (this.#state.isRunning && this.#isTooOld()) await this.#destroyQuietly();
    await this.ctx.storage.setAlarm(nextTry(rang?.scheduledTime, Date.now()));
  }

  /** RPC of the Town: makes sure that this life runs, and hands over the order. */
  async order(given: Life, order: RunOrder): Promise<Ordered> {
    const step = orderStep(this.#state, given.life, this.#shut());
    switch (step.kind) {
      case "refuse":
        return { taken: false, ...step.answer };
      case "end-older":
        await this.#endOlder(step.life);
        return this.order(given, order);
      case "start":
        try {
          // Orders that come while their life is being started wait with the one that starts it.
          await (this.#starting ??= this.#start(given));
        } catch (error) {
          return notStarted(error instanceof Error ? error.message : String(error));
        }
        break;
      case "send":
        await this.waitForPort({ portToCheck: PORT });
    }
    // While it waited this life may have ended, and another begun.
    if (!runs(this.#state, given.life)) return { taken: false, truth: endOf(this.#state), reason: LIFE_OVER };
    const { status, text } = await this.#send("/runs", order);
    if (status === 202) return { taken: true, ...bootOf(text) };
    return {
      taken: false,
      truth: truthOf(this.#state),
      reason: `The container did not take the order (${status}): ${text.slice(0, 300)}`,
      ...(status === 503 && { why: "stopping" }),
    };
  }

  /** What is left of an older life is ended. */
  async #endOlder(life: number): Promise<void> {
    this.#end(life);
    await this.#starting?.catch(() => undefined);
    if (this.#state.isRunning) await this.destroy();
    if (this.#state.isRunning) throw new Error(STILL_RUNS);
  }

  /** Starts a life that was never started. A start that fails leaves nothing that runs. */
  async #start(given: Life): Promise<void> {
    if (this.#state.life === 0) establish(this.#storage, this.migrations);
    this.ctx.storage.kv.put("life", { ...given, startedAt: Date.now() } satisfies Begun);
    this.envVars = given.env;
    try {
      // Only when `#starting` is set: the library begins by telling how the life before has ended.
      await Promise.resolve();
      await this.startAndWaitForPorts({ ports: PORT });
      if (isOver(this.#state, given.life)) throw new Error("it was ended while it started");
    } catch (error) {
      await this.destroy();
      throw error;
    } finally {
      this.#starting = null;
    }
  }

  /** RPC of the Town. Rejects while the life is not up yet: then it is asked again. */
  async cancelRun(life: number, run: RunId, fence: number): Promise<void> {
    this.#assertOpen();
    const step = cancelStep(this.#state, life);
    if (step === "done") return;
    if (step === "later") throw new Error("this life of the container has not started yet");
    const { status } = await this.#send(`/runs/${run}/cancel`, { fence });
    if (status !== 202) throw new Error(`the container did not take the cancellation (${status})`);
  }

  /**
   * To the port and not by the library's `containerFetch`: that would start a container which has died
   * meanwhile, of a life that is over.
   */
  async #send(path: string, body: object): Promise<{ status: number; text: string }> {
    const port = this.ctx.container?.getTcpPort(PORT);
    if (port === undefined) throw new Error("there is no container");
    this.renewActivityTimeout();
    const response = await port.fetch(`http://container${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${this.envVars?.["CURFEW_TOKEN"] ?? ""}`,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  }

  #end(life: number): void {
    const over = overFrom(this.#state, life);
    if (over !== null) this.ctx.storage.kv.put("over", over);
  }

  /** RPC of the Town: SIGTERM. Its end is told by {@link onStop}. */
  async halt(life: number): Promise<ContainerTruth> {
    this.#assertOpen();
    this.#end(life);
    if (runs(this.#state, life)) await this.stop("SIGTERM");
    return truthOf(this.#state);
  }

  /** RPC of the Town: SIGKILL, and the truth after it. It works whatever the version of what is stored. */
  async kill(life: number): Promise<ContainerTruth> {
    this.#end(life);
    if (!mayKill(this.#state, life)) return endOf(this.#state);
    await this.destroy();
    return this.#state.isRunning ? { running: true } : { running: false, exitCode: 137, reason: "killed" };
  }

  /** RPC of the sweep, before it purges: the town that this container was last started for. */
  async whose(): Promise<string | null> {
    return this.ctx.storage.kv.get<Life>("life")?.env["CURFEW_TOWN"] ?? null;
  }

  /**
   * RPC of the dying Town: kills, verifies, wipes, and cuts itself off, because the library would
   * write its state again. So it never answers: the caller sees a reset with {@link PURGED}.
   *
   * @throws Error when a newer build has written what is here: it may hold what this one doesn't know
   */
  async purge(): Promise<void> {
    const newer = this.#state.isDead ? null : this.#opening.newer();
    if (newer !== null) throw new Error(newer);
    if (this.#state.isRunning) await this.destroy();
    if (this.#state.isRunning) throw new Error(STILL_RUNS);
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.#wipe();
      this.ctx.abort(PURGED, { retryAlarm: false });
    });
  }

  override async onStop(exit: { exitCode: number; reason: string }): Promise<void> {
    await this.#tellStopped({ exitCode: exit.exitCode, reason: `exit ${exit.exitCode}` });
  }

  /** Never throws: a throw here would reset the object. */
  override async onError(error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    await this.#tellStopped({ exitCode: null, reason: reason.slice(0, 300) });
  }

  async #tellStopped(told: Omit<Exit, "life">): Promise<void> {
    const exit = exitToTell(this.#state, told);
    if (exit === null || this.#shut() !== null) return;
    this.ctx.storage.kv.put("exit", exit);
    await this.tellTown();
  }

  /** Tells the Town how the last life ended; owed until it is heard. Called by the library's schedule, too. */
  async tellTown(failures = 0): Promise<void> {
    const { exit } = this.#state;
    if (exit === null) return;
    const heard = await rooms(this.env)
      .town(this.#town)
      .containerStopped(exit.life, { running: false, exitCode: exit.exitCode, reason: exit.reason })
      .then((answer) => answer.ok || answer.problem.kind === "gone" || answer.problem.kind === "not-found")
      .catch(() => false);
    if (!heard) await this.schedule(backoffMs(failures, TELL_AGAIN) / 1000, "tellTown", failures + 1);
  }

  /** The backstop: a container that its Town doesn't know any more ends here, and one that is older than any may be. */
  override async onActivityExpired(): Promise<void> {
    if (!this.#isTooOld()) {
      const answer = await rooms(this.env)
        .town(this.#town)
        .mayRun(this.#state.life)
        .catch(() => null);
      // Not knowing is no reason to kill what may be at work; it is asked again.
      if (answer === null || (answer.ok ? answer.value : answer.problem.kind === "unavailable")) return;
    }
    await this.#destroyQuietly();
  }

  #isTooOld(): boolean {
    return isTooOld(this.#state, Date.now(), readConfig(this.env));
  }

  /** Called by the alarm, which must not throw: the next one tries again. */
  async #destroyQuietly(): Promise<void> {
    await this.destroy().catch((error: unknown) => console.error(`container of ${this.#town}:`, error));
  }

  get #town(): string {
    return this.ctx.id.name ?? "";
  }
}
