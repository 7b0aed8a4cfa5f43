import { exports } from "cloudflare:workers";
import { meter } from "../../../bench/rooms/meter.ts";

/** A socket that only listens, and remembers how it was closed. */
export class Page {
  readonly path: string;
  readonly #socket: WebSocket;
  /** The code it was closed with; `null` while it is open. */
  code: number | null = null;

  private constructor(path: string, socket: WebSocket) {
    this.path = path;
    this.#socket = socket;
    socket.addEventListener("close", ({ code }) => {
      this.code = code;
    });
    socket.accept();
  }

  /** Connects with that token, though it may be closed at once. */
  static async open(path: string, token: string): Promise<Page> {
    const asked = exports.default.fetch(`http://localhost${path}`, {
      headers: { upgrade: "websocket", authorization: `Bearer ${token}` },
    });
    const { webSocket, status } = await meter.track("outside", asked);
    if (webSocket === null) throw new Error(`${path}: no socket (${status})`);
    return new Page(path, webSocket);
  }

  send(text: string): void {
    if (this.code === null) this.#socket.send(text);
  }

  close(): void {
    try {
      this.#socket.close(1000, "done");
    } catch {
      // Closed already.
    }
  }
}
