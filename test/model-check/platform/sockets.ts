import type { Host } from "./host.ts";

/** The server's end of a WebSocket, as far as rooms use it. The other end is the schedule's. */
export class Socket {
  readonly id: string;
  readonly tags: readonly string[];
  readonly #host: Host;
  state: unknown = null;
  closed: number | null = null;

  constructor(host: Host, id: string, tags: readonly string[]) {
    this.#host = host;
    this.id = id;
    this.tags = [id, ...tags];
  }

  setState(state: unknown): void {
    this.state = state;
  }

  send(_text: string): void {
    if (this.closed !== null) throw new Error("the socket is closed");
  }

  /** The peer answers with a close of its own, which arrives some time later. */
  close(code: number, reason = ""): void {
    if (this.closed !== null) return;
    this.closed = code;
    const host = this.#host;
    host.sockets = host.sockets.filter((other) => other !== this);
    host.platform.event(host, "webSocketClose", this, code, reason, true);
  }
}
