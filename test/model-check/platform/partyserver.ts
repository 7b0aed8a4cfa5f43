import type { Context } from "./context.ts";
import type { Socket } from "./sockets.ts";

interface UpgradeRequest {
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** What stays in an object that PartyServer has initialised; it never knows of tombstones. */
const NAME = "__ps_name";

/**
 * What Curfew uses of PartyServer 0.5.10, in the order in which it does it: initialise, which writes
 * the room's name at the first touch, then the hook. Errors of hooks for sockets go no further.
 */
export class Server {
  readonly ctx: Context;
  readonly env: unknown;
  #isStarted = false;

  constructor(ctx: Context, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }

  get name(): string {
    return this.ctx.id.name;
  }

  async #ensureInitialized(): Promise<void> {
    if (this.#isStarted) return;
    const { kv } = this.ctx.storage;
    if (kv.get(NAME) !== this.name) kv.put(NAME, this.name);
    await this.ctx.blockConcurrencyWhile(async () => {
      this.#isStarted = true;
    });
  }

  async fetch(request: UpgradeRequest): Promise<unknown> {
    await this.#ensureInitialized();
    if (request.headers.get("upgrade") !== "websocket") return { status: 404 };
    const peer = { request };
    const socket = this.ctx.accept((self) => this.getConnectionTags(self, peer));
    try {
      await this.onConnect(socket, peer);
    } catch (error) {
      console.error(error);
      socket.close(1011, "Uncaught exception during session setup");
    }
    return { status: 101 };
  }

  async webSocketMessage(socket: Socket, message: string): Promise<void> {
    try {
      await this.#ensureInitialized();
      this.onMessage(socket, message);
    } catch (error) {
      console.error(error);
    }
  }

  async webSocketClose(socket: Socket, code: number, reason: string, wasClean: boolean): Promise<void> {
    try {
      await this.#ensureInitialized();
      await this.onClose(socket, code, reason, wasClean);
    } catch (error) {
      console.error(error);
    }
  }

  async webSocketError(): Promise<void> {}

  async alarm(): Promise<void> {
    await this.#ensureInitialized();
    await this.onAlarm();
  }

  getConnections(tag?: string): Socket[] {
    return this.ctx.getWebSockets(tag);
  }

  getConnectionTags(_socket: Socket, _peer: { request: UpgradeRequest }): string[] {
    return [];
  }
  onConnect(_socket: Socket, _peer: { request: UpgradeRequest }): void | Promise<void> {}
  onMessage(_socket: Socket, _message: string): void {}
  onClose(_socket: Socket, _code: number, _reason: string, _wasClean: boolean): void | Promise<void> {}
  onAlarm(): void | Promise<void> {}
}
