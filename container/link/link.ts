import type { AgentDown } from "../../src/protocol/container/agent-up.ts";
import type { TownDown } from "../../src/protocol/container/town-up.ts";
import type { Dial, Line } from "./line.ts";
import type { Numbered, Outbox } from "./outbox.ts";

type Down = TownDown | AgentDown;

/** How a {@link Link} speaks with one kind of room. `F` are the frames that come from it. */
export interface LinkOptions<E, F extends Down> {
  readonly dial: Dial;
  readonly path: string;
  readonly outbox: Outbox<E>;
  /** The first frame of every connection. */
  readonly hello: () => unknown;
  readonly frame: (numbered: Numbered<E>) => unknown;
  /** `null`: not a frame of this room; it is ignored. */
  readonly parse: (text: string) => F | null;
  /** Every frame that was understood, after the link has acted on it. */
  readonly received?: (frame: F) => void;
  /** The room closed for good. */
  readonly ended?: (code: number) => void;
  /** How long events are gathered before they are sent. */
  readonly batchMs: number;
}

/** One outbox and its connection to a room: `hello`, `welcome`, then events until acknowledged. */
export class Link<E, F extends Down> {
  readonly #options: LinkOptions<E, F>;
  #line: Line | null = null;
  #welcomed = false;
  #ended = false;
  #batch: ReturnType<typeof setTimeout> | undefined;
  #waiting: { readonly n: number; readonly done: () => void }[] = [];

  constructor(options: LinkOptions<E, F>) {
    this.#options = options;
  }

  /** Connects, unless it is connected; also if the room had closed for good, since it may be another by now. */
  open(): void {
    if (this.#line) return;
    this.#ended = false;
    const { dial, path } = this.#options;
    this.#line = dial(path, {
      opened: () => this.#line?.send(JSON.stringify(this.#options.hello())),
      received: (text) => this.#received(text),
      lost: () => this.#lost(),
      ended: (code) => this.#end(code),
    });
  }

  /** Disconnects; what was not acknowledged stays and is sent after the next {@link open}. */
  close(): void {
    if (this.#batch !== undefined) clearTimeout(this.#batch);
    this.#batch = undefined;
    this.#line?.close();
    this.#line = null;
    this.#lost();
  }

  send(event: E): void {
    if (this.#ended) return;
    this.#options.outbox.push(event);
    if (this.#options.batchMs === 0) this.flush();
    else this.#batch ??= setTimeout(() => this.flush(), this.#options.batchMs);
  }

  /** Sends what waits, without gathering more. */
  flush(): void {
    if (this.#batch !== undefined) clearTimeout(this.#batch);
    this.#batch = undefined;
    if (!this.#line || !this.#welcomed) return;
    for (const numbered of this.#options.outbox.take()) {
      this.#line.send(JSON.stringify(this.#options.frame(numbered)));
    }
  }

  /** Resolves when all that was sent so far has arrived, the room is gone, or `signal` gives up. */
  drained(signal: AbortSignal): Promise<void> {
    const n = this.#options.outbox.last;
    if (this.#ended || signal.aborted || this.#options.outbox.acknowledged >= n) return Promise.resolve();
    this.flush();
    return new Promise((done) => {
      this.#waiting.push({ n, done });
      signal.addEventListener("abort", () => done(), { once: true });
    });
  }

  #received(text: string): void {
    const frame = this.#options.parse(text);
    if (!frame) return;
    const down: Down = frame;
    if (down.type === "welcome") this.#welcome(down.after);
    else if (down.type === "ack") this.#acknowledge(down.n);
    this.#options.received?.(frame);
  }

  #welcome(after: number): void {
    this.#welcomed = true;
    this.#acknowledge(after);
    this.flush();
  }

  #acknowledge(n: number): void {
    const { outbox } = this.#options;
    outbox.acknowledge(n);
    this.#waiting = this.#waiting.filter((waiting) => {
      if (outbox.acknowledged < waiting.n) return true;
      waiting.done();
      return false;
    });
  }

  #lost(): void {
    this.#welcomed = false;
    this.#options.outbox.disconnected();
  }

  #end(code: number): void {
    this.#ended = true;
    this.close();
    for (const waiting of this.#waiting.splice(0)) waiting.done();
    this.#options.ended?.(code);
  }
}
