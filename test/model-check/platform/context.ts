import type { Host, Instance } from "./host.ts";
import { Socket } from "./sockets.ts";

type Bind = string | number | null;

/**
 * What an instance gets of the platform: as much of `DurableObjectState` as the rooms use. Bound to
 * one instance: a lost one can neither write nor arm.
 */
export class Context {
  readonly #host: Host;
  instance: Instance | null = null;
  readonly id: { readonly name: string };

  constructor(host: Host) {
    this.#host = host;
    this.id = { name: host.name };
  }

  #mine(): Host {
    if (this.instance?.isAlive !== true) throw new Error("this instance is lost");
    return this.#host;
  }

  readonly storage = {
    kv: {
      get: (key: string): unknown => this.#mine().storage.kv.get(key),
      put: (key: string, value: unknown): void => this.#mine().storage.put(key, value),
      delete: (key: string): boolean => this.#mine().storage.delete(key),
      list: (): Iterable<[string, unknown]> => [...this.#mine().storage.kv],
    },
    sql: this.#sql(),
    transactionSync: <T>(work: () => T): T => this.#mine().storage.transaction(work),
    setAlarm: async (at: number): Promise<void> => this.#mine().setAlarm(at),
    deleteAlarm: async (): Promise<void> => this.#mine().setAlarm(null),
    getAlarm: async (): Promise<number | null> => this.#mine().storage.alarm,
    deleteAll: (): Promise<void> => {
      const { storage, platform } = this.#mine();
      storage.deleteAll(!platform.isOld);
      return this.#stored("deleteAll of");
    },
    sync: (): Promise<void> => {
      const { storage } = this.#mine();
      const { version } = storage;
      return this.#stored("sync of", () => storage.flush(version), false);
    },
  };

  #sql() {
    const storage = () => this.#mine().storage;
    return {
      exec: (statement: string, ...binds: readonly Bind[]) => {
        const rows = storage().exec(statement, ...binds);
        return { toArray: () => rows };
      },
      get databaseSize(): number {
        return storage().bytes;
      },
    };
  }

  /**
   * Storage that is awaited. Where it closes the input gate, nothing else comes in meanwhile; begun
   * inside a closed gate it ends inside of it, begun outside it waits like everything else.
   */
  #stored(what: string, then: () => void = () => {}, gates = true): Promise<void> {
    const { instance } = this;
    const host = this.#mine();
    const { scheduler } = host.platform;
    if (instance === null) return Promise.resolve();
    if (gates) instance.gates += 1;
    const isInside = instance.gates > 0;
    return new Promise((resolve) => {
      scheduler.add({
        label: `${what} ${host.label}`,
        owner: instance,
        open: () => isInside || instance.gates === 0,
        run: () => {
          scheduler.current = instance;
          if (gates) instance.gates -= 1;
          then();
          resolve();
        },
        lose: null,
      });
    });
  }

  /** Nothing else comes in until it has ended; if it throws, the instance is lost. */
  async blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T> {
    const { instance } = this;
    if (instance !== null) instance.gates += 1;
    try {
      return await work();
    } catch (error) {
      if (instance?.isAlive === true) this.#host.crash(0, String(error));
      throw error;
    } finally {
      if (instance !== null) instance.gates -= 1;
    }
  }

  /** The instance is lost at once, and so are the writes that are not durable. */
  abort(reason: string): never {
    const host = this.#mine();
    host.crash(Infinity, reason);
    throw new Error(reason);
  }

  waitUntil(work: Promise<unknown>): void {
    work.catch(() => undefined);
  }

  /** Accepts a socket; its tags may depend on it. */
  accept(tagsOf: (socket: Socket) => readonly string[]): Socket {
    const host = this.#mine();
    const id = `socket ${++host.platform.ids}`;
    const socket = new Socket(host, id, tagsOf(new Socket(host, id, [])));
    host.sockets.push(socket);
    return socket;
  }

  getWebSockets(tag?: string): Socket[] {
    const { sockets } = this.#mine();
    return tag === undefined ? [...sockets] : sockets.filter((socket) => socket.tags.includes(tag));
  }

  setWebSocketAutoResponse(): void {}

  /** A container pings as long as it runs; pages are not asked. */
  getWebSocketAutoResponseTimestamp({ state }: Socket): Date | null {
    const { platform, name } = this.#mine();
    const life = (state as { life?: number } | null)?.life;
    const runs = platform.machine.processes.some((process) => process.town === name && process.life === life);
    return runs ? new Date(platform.scheduler.now) : null;
  }

  get container() {
    return this.#host.platform.machine.containerOf(this.#mine());
  }
}
