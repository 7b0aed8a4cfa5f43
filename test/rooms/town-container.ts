import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import type { RunOrder } from "../../src/protocol/container/order.ts";
import type { ContainerRpc, ContainerTruth, Life, Ordered } from "../../src/rooms/container.ts";
import { rooms } from "../../src/rooms/rooms.ts";
import { PURGED } from "../../src/town/container/purged.ts";

/**
 * A container's object without a container: the test plugin runs workerd without an engine, and there
 * the real one can't be constructed (`test/system` has it, with real processes). It takes what the
 * Town asks and keeps it for the test to look at; what a container would say is the test's to say.
 */
export class TownContainer extends DurableObject<Env> implements ContainerRpc {
  /** Everything that was taken, in order. */
  readonly orders: RunOrder[] = [];
  /** The runs that were cancelled. */
  readonly cancelled: string[] = [];
  /** What goes wrong: a cancellation is not taken, or SIGKILL is never answered. */
  readonly faults = new Set<"cancel" | "kill">();
  /** The number of the life that runs. */
  life: number | null = null;
  #exit: ContainerTruth = { running: false, exitCode: null, reason: "it is not running" };

  async order(given: Life, order: RunOrder): Promise<Ordered> {
    this.life = given.life;
    this.orders.push(order);
    return { taken: true };
  }

  async cancelRun(_life: number, run: string): Promise<void> {
    if (this.faults.has("cancel")) throw new Error("it does not listen");
    this.cancelled.push(run);
  }

  /** Obeys at once, as a container with nothing to save does, and then tells the Town. */
  async halt(life: number): Promise<ContainerTruth> {
    if (this.life !== life) return this.#exit;
    const exit = this.#end(0, "exit 0");
    this.ctx.waitUntil(
      rooms(this.env)
        .town(this.ctx.id.name ?? "")
        .containerStopped(life, exit),
    );
    return { running: true };
  }

  async kill(life: number): Promise<ContainerTruth> {
    if (this.faults.has("kill")) await new Promise<never>(() => {});
    return this.life === null || this.life > life ? this.#exit : this.#end(137, "killed");
  }

  async whose(): Promise<string | null> {
    return this.life === null ? null : (this.ctx.id.name ?? null);
  }

  async purge(): Promise<void> {
    this.life = null;
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.deleteAll();
      this.ctx.abort(PURGED, { retryAlarm: false });
    });
  }

  #end(exitCode: number, reason: string): Extract<ContainerTruth, { running: false }> {
    this.life = null;
    const exit = { running: false, exitCode, reason } as const;
    this.#exit = exit;
    return exit;
  }
}
