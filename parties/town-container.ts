import { Container } from "@cloudflare/containers";
import * as v from "valibot";
import { readConfig } from "../src/config.ts";
import type { Env } from "../src/env.ts";
import { backoffMs } from "../src/lifecycle/backoff.ts";
import type { RunOrder } from "../src/protocol/container/order.ts";
import { parseFrame } from "../src/protocol/parse.ts";
import type { RunId } from "../src/protocol/primitives.ts";
import {
  NOT_RUNNING,
  type ContainerRpc,
  type ContainerTruth,
  type Life,
  type Ordered,
} from "../src/rooms/container.ts";
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

interface Started extends Life {
  readonly startedAt: number;
}

interface Exit {
  readonly life: number;
  readonly exitCode: number | null;
  readonly reason: string;
}

type Ended = Extract<ContainerTruth, { running: false }>;

const Taken = v.object({ boot: v.string() });

/** Which boot of the control server took an order, as it says itself. */
const bootOf = (text: string): { boot?: string } => parseFrame(Taken, text) ?? {};

/**
 * The container's object. Nobody addresses it but its Town, through one port; any touch of it writes
 * (the library makes a table, a key and an alarm), so nothing reads it. It starts a container only for a life
 * that it has not started before, and after a purge never again.
 */
export class TownContainer extends Container<Env> implements ContainerRpc {
  override defaultPort = PORT;
  /** The backstop only: the Town's own stored deadline stops an idle container. */
  override sleepAfter = "1h";

  /**
   * The start that is under way. The library then still tells how the life before has ended, and a start
   * that fails is told by who waits for it.
   */
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
    if (this.#isDead()) void ctx.blockConcurrencyWhile(() => this.#wipe());
  }

  #isDead(): boolean {
    return this.ctx.storage.kv.get<boolean>("dead") === true;
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
    if (this.#isDead()) return;
    if (this.#shut() !== null) return this.#alarmOfShut(about[0]);
    await super.alarm(...about);
    if (this.#isDead()) return;
    // When the library has told of an end it deletes the alarm, with it that of what the hook then scheduled.
    const owed = await this.listSchedules("tellTown");
    if (owed.length > 0 && (await this.ctx.storage.getAlarm()) === null) await this.scheduleNextAlarm();
  }

  /** Why this build can't read what is stored here; before the first start there is nothing to read. */
  #shut(): string | null {
    return this.ctx.storage.kv.get<Life>("life") === undefined ? null : this.#opening.open();
  }

  /** @throws Error while it is shut: to the Town, that is a container which can't be reached */
  #assertOpen(): void {
    const shut = this.#shut();
    if (shut !== null) throw new Error(shut);
  }

  /** The library's loop waits, but not the end of what is older than any container may be. */
  async #alarmOfShut(rang?: Partial<AlarmInvocationInfo>): Promise<void> {
    if (this.#running && this.#isTooOld()) await this.#destroyQuietly();
    await this.ctx.storage.setAlarm(nextTry(rang?.scheduledTime, Date.now()));
  }

  #ended(): Ended {
    const exit = this.ctx.storage.kv.get<Exit>("exit");
    const life = this.ctx.storage.kv.get<Life>("life");
    return exit !== undefined && exit.life === life?.life
      ? { running: false, exitCode: exit.exitCode, reason: exit.reason }
      : { running: false, exitCode: null, reason: NOT_RUNNING };
  }

  get #running(): boolean {
    return this.ctx.container?.running === true;
  }

  /** RPC of the Town: makes sure that this life runs, and hands over the order. */
  async order(given: Life, order: RunOrder): Promise<Ordered> {
    if (this.#isDead()) return { taken: false, truth: this.#ended(), reason: "The town is gone." };
    const shut = this.#shut();
    if (shut !== null) return { taken: false, truth: this.#ended(), reason: shut, why: "no-room" };
    const known = this.ctx.storage.kv.get<Life>("life");
    if (this.#isOver(given.life) || (known !== undefined && given.life < known.life))
      return { taken: false, truth: this.#ended(), reason: "This life of the container is over." };
    if (known?.life !== given.life && (await this.#endOlder(known?.life ?? 0)))
      return this.order(given, order);
    if (this.#running && this.#starting === null) await this.waitForPort({ portToCheck: PORT });
    else {
      if (known?.life === given.life && this.#starting === null) {
        const truth = this.#ended();
        return { taken: false, truth, reason: `The container has ended (${truth.reason}).` };
      }
      // Orders that come while their life is being started wait with the one that starts it.
      this.#starting ??= this.#start(given);
      try {
        await this.#starting;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return {
          taken: false,
          truth: { running: false, exitCode: null, reason },
          reason: `The container could not be started: ${reason}`,
          ...(isNoRoom(reason) && { why: "no-room" }),
        };
      }
    }
    // While it waited this life may have ended, and another begun.
    if (!this.#runs(given.life))
      return { taken: false, truth: this.#ended(), reason: "This life of the container is over." };
    const response = await this.#send("/runs", order);
    if (response.status === 202) return { taken: true, ...bootOf(response.text) };
    return {
      taken: false,
      truth: this.#running ? { running: true } : this.#ended(),
      reason: `The container did not take the order (${response.status}): ${response.text.slice(0, 300)}`,
      ...(response.status === 503 && { why: "stopping" }),
    };
  }

  /** What is left of an older life is ended. Whether there was anything: then others may have come in. */
  async #endOlder(life: number): Promise<boolean> {
    if (!this.#running && this.#starting === null) return false;
    this.#end(life);
    await this.#starting?.catch(() => undefined);
    if (this.#running) await this.destroy();
    if (this.#running) throw new Error(STILL_RUNS);
    return true;
  }

  /** Starts a life that was never started. A start that fails leaves nothing that runs. */
  async #start(given: Life): Promise<void> {
    if (this.ctx.storage.kv.get<Life>("life") === undefined) establish(this.#storage, this.migrations);
    this.ctx.storage.kv.put("life", { ...given, startedAt: Date.now() } satisfies Started);
    this.envVars = given.env;
    try {
      // Only when `#starting` is set: the library begins by telling how the life before has ended.
      await Promise.resolve();
      await this.startAndWaitForPorts({ ports: PORT });
      if (this.#isOver(given.life)) throw new Error("it was ended while it started");
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
    const known = this.ctx.storage.kv.get<Life>("life")?.life ?? 0;
    if (this.#isOver(life) || known > life) return;
    if (!this.#runs(life)) {
      if (known === life && this.#starting === null) return;
      throw new Error("this life of the container has not started yet");
    }
    const { status } = await this.#send(`/runs/${run}/cancel`, { fence });
    if (status !== 202) throw new Error(`the container did not take the cancellation (${status})`);
  }

  #runs(life: number): boolean {
    return this.#running && this.ctx.storage.kv.get<Life>("life")?.life === life;
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

  /** Whether this life was asked to end, or all were: it starts no more, not even by an order under way. */
  #isOver(life: number): boolean {
    return this.#isDead() || life <= (this.ctx.storage.kv.get<number>("over") ?? 0);
  }

  #end(life: number): void {
    if (!this.#isOver(life)) this.ctx.storage.kv.put("over", life);
  }

  /** RPC of the Town: SIGTERM. Its end is told by {@link onStop}. */
  async halt(life: number): Promise<ContainerTruth> {
    this.#assertOpen();
    this.#end(life);
    if (!this.#runs(life)) return this.#running ? { running: true } : this.#ended();
    await this.stop("SIGTERM");
    return this.#running ? { running: true } : this.#ended();
  }

  /** RPC of the Town: SIGKILL, and the truth after it. It works whatever the version of what is stored. */
  async kill(life: number): Promise<ContainerTruth> {
    this.#end(life);
    const known = this.ctx.storage.kv.get<Life>("life");
    if (known !== undefined && known.life > life) return this.#ended();
    if (!this.#running) return this.#ended();
    await this.destroy();
    return this.#running ? { running: true } : { running: false, exitCode: 137, reason: "killed" };
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
    const newer = this.#isDead() ? null : this.#opening.newer();
    if (newer !== null) throw new Error(newer);
    if (this.#running) await this.destroy();
    if (this.#running) throw new Error(STILL_RUNS);
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

  async #tellStopped(exit: Omit<Exit, "life">): Promise<void> {
    const life = this.ctx.storage.kv.get<Life>("life")?.life;
    if (life === undefined || this.#isDead() || this.#running || this.#starting !== null) return;
    if (this.#shut() !== null) return;
    this.ctx.storage.kv.put("exit", { life, ...exit } satisfies Exit);
    await this.tellTown();
  }

  /** Tells the Town how the last life ended; owed until it is heard. Called by the library's schedule, too. */
  async tellTown(failures = 0): Promise<void> {
    const exit = this.ctx.storage.kv.get<Exit>("exit");
    if (exit === undefined) return;
    const heard = await rooms(this.env)
      .town(this.#town)
      .containerStopped(exit.life, { running: false, exitCode: exit.exitCode, reason: exit.reason })
      .then((answer) => answer.ok || answer.problem.kind === "gone" || answer.problem.kind === "not-found")
      .catch(() => false);
    if (!heard) await this.schedule(backoffMs(failures, TELL_AGAIN) / 1000, "tellTown", failures + 1);
  }

  /** The backstop: a container that its Town doesn't know any more ends here, and one that is older than any may be. */
  override async onActivityExpired(): Promise<void> {
    const { life = 0 } = this.ctx.storage.kv.get<Started>("life") ?? {};
    if (!this.#isTooOld()) {
      const answer = await rooms(this.env)
        .town(this.#town)
        .mayRun(life)
        .catch(() => null);
      // Not knowing is no reason to kill what may be at work; it is asked again.
      if (answer === null || (answer.ok ? answer.value : answer.problem.kind === "unavailable")) return;
    }
    await this.#destroyQuietly();
  }

  #isTooOld(): boolean {
    const { startedAt = 0 } = this.ctx.storage.kv.get<Started>("life") ?? {};
    const { lifeMaxMs, stopDeadlineMs } = readConfig(this.env);
    return Date.now() > startedAt + lifeMaxMs + stopDeadlineMs;
  }

  /** Called by the alarm, which must not throw: the next one tries again. */
  async #destroyQuietly(): Promise<void> {
    await this.destroy().catch((error: unknown) => console.error(`container of ${this.#town}:`, error));
  }

  get #town(): string {
    return this.ctx.id.name ?? "";
  }
}
