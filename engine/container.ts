import { setTimeout as delay } from "node:timers/promises";
import { type Ground, type Life, startLife, type Who } from "./life.ts";
import { EngineRefusal } from "./refusal.ts";
import { shortId } from "./state-folder.ts";

/** What of a create call means something where containers are plain processes. */
export interface ContainerOrder {
  readonly name: string;
  readonly image: string;
  /** `KEY=value` */
  readonly environment: readonly string[];
  /** The name of the side car through which workerd reaches the container. */
  readonly sideCar: string;
}

/** A container, as the engine lists it. */
export type ContainerStatus =
  | { readonly name: string; readonly state: "created" }
  | {
      readonly name: string;
      readonly state: "running";
      /** Of the main process, which leads the group. */
      readonly pid: number;
      readonly port: number;
    }
  | { readonly name: string; readonly state: "exited"; readonly exitCode: number };

type State =
  | { readonly kind: "created" }
  | { readonly kind: "starting"; readonly life: Promise<Life> }
  | { readonly kind: "running"; readonly life: Life }
  | { readonly kind: "exited"; readonly exitCode: number };

/**
 * One container: created, running, exited, and at last removed. It is never started again by itself,
 * whatever the restart policy says: the cloud doesn't do that, either.
 */
export class Container {
  readonly order: ContainerOrder;
  /** When it has been removed. */
  readonly removed: Promise<void>;
  readonly #ground: Ground;
  readonly #who: Who;
  readonly #gone = Promise.withResolvers<void>();
  #state: State = { kind: "created" };
  #isBeingRemoved = false;

  constructor(ground: Ground, order: ContainerOrder) {
    const { name, environment } = order;
    this.order = order;
    this.removed = this.#gone.promise;
    this.#ground = ground;
    this.#who = { name, environment, id: shortId(name) };
  }

  get status(): ContainerStatus {
    const { name } = this.order;
    const state = this.#state;
    switch (state.kind) {
      case "created":
      case "starting":
        return { name, state: "created" };
      case "running":
        return { name, state: "running", pid: state.life.pid, port: state.life.port };
      case "exited":
        return { name, state: "exited", exitCode: state.exitCode };
    }
  }

  /**
   * @returns `false` if it is running already
   * @throws EngineRefusal if it is being removed or the process can't be started
   */
  async start(): Promise<boolean> {
    if (this.#isBeingRemoved) throw new EngineRefusal(409, `${this.order.name} is being removed`);
    if (this.#state.kind === "starting" || this.#state.kind === "running") return false;
    const before = this.#state;
    const starting = startLife(this.#ground, this.#who);
    this.#state = { kind: "starting", life: starting };
    try {
      const life = await starting;
      this.#state = { kind: "running", life };
      void this.#seeEndOf(life);
      return true;
    } catch (error) {
      this.#state = before;
      throw new EngineRefusal(500, `can't start ${this.order.name}: ${(error as Error).message}`);
    }
  }

  /** @returns `false` if it is not running */
  async signal(signal: NodeJS.Signals): Promise<boolean> {
    if (signal === "SIGKILL") return this.kill();
    const life = await this.#life();
    life?.signal(signal);
    return life !== null;
  }

  /** Ends it and everything it started; returns when that is done, `false` if it is not running. */
  async kill(): Promise<boolean> {
    const life = await this.#life();
    life?.kill();
    await life?.ended;
    return life !== null;
  }

  /** Asks it to end, and ends it if it doesn't. */
  async stop(graceMs: number): Promise<boolean> {
    const life = await this.#life();
    if (!life) return false;
    life.signal("SIGTERM");
    const patience = new AbortController();
    const isEnded = await Promise.race([
      life.ended.then(() => true),
      delay(graceMs, false, { signal: patience.signal }),
    ]);
    patience.abort();
    if (!isEnded) await this.kill();
    return true;
  }

  /** The exit code of the life that it has or had, once that is over; 0 if it never had one. */
  async exit(): Promise<number> {
    const life = await this.#life();
    if (life) return life.ended;
    return this.#state.kind === "exited" ? this.#state.exitCode : 0;
  }

  /** Ends it and lets nobody start it again. */
  async remove(): Promise<void> {
    this.#isBeingRemoved = true;
    await this.kill();
    this.#gone.resolve();
  }

  async #seeEndOf(life: Life): Promise<void> {
    const exitCode = await life.ended;
    this.#state = { kind: "exited", exitCode };
  }

  async #life(): Promise<Life | null> {
    if (this.#state.kind === "running") return this.#state.life;
    if (this.#state.kind === "starting") return this.#state.life.catch(() => null);
    return null;
  }
}
