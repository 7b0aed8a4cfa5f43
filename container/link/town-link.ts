import { parseFrame } from "../../src/protocol/parse.ts";
import type { RunId } from "../../src/protocol/primitives.ts";
import { TownDown, type TownEvent, type TownUp } from "../../src/protocol/container/town-up.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import type { Boot } from "./boot.ts";
import type { Dial } from "./line.ts";
import { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { townRules } from "./rules.ts";

/** A run and its fence, as every event names it. */
export interface OfRun {
  readonly runId: RunId;
  readonly fence: number;
}

/** The merge commit that is about to be pushed, and what it is pushed onto. */
export interface Intent {
  readonly commit: string;
  readonly onto: string;
}

type IntentEvent = TownEvent & { type: "intent" };

interface Unrecorded {
  readonly event: IntentEvent;
  readonly done: () => void;
}

/** What a {@link TownLink} asks of the control server. */
export interface TownHooks {
  readonly live: () => readonly OfRun[];
  readonly cancel: (runId: RunId) => void;
  readonly ended: (code: number) => void;
}

/** Runs whose result is on its way: the Town must not take them for lost. */
const reported = (event: TownEvent): OfRun[] => {
  switch (event.type) {
    case "checked":
    case "turned":
    case "merged":
      return [{ runId: event.runId, fence: event.fence }];
    default:
      return [];
  }
};

/** The container's one line to its Town. */
export class TownLink {
  readonly #link: Link<TownEvent, TownDown>;
  readonly #hooks: TownHooks;
  readonly #outbox = new Outbox<TownEvent>(townRules);
  #unrecorded: readonly Unrecorded[] = [];

  constructor(dial: Dial, town: string, boot: Boot, hooks: TownHooks) {
    this.#hooks = hooks;
    this.#link = new Link<TownEvent, TownDown>({
      dial,
      path: `parties/town/${town}`,
      outbox: this.#outbox,
      hello: (): TownUp => ({
        type: "hello",
        version: PROTOCOL_VERSION,
        ...boot,
        runs: [...this.#outbox.pending.flatMap(reported), ...hooks.live()],
      }),
      frame: ({ n, event }): TownUp => ({ type: "event", boot: boot.boot, n, event }),
      parse: (text) => parseFrame(TownDown, text),
      received: (frame) => this.#received(frame),
      ended: hooks.ended,
      batchMs: 0,
    });
  }

  open(): void {
    this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  send(event: TownEvent): void {
    this.#link.send(event);
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#link.drained(signal);
  }

  /**
   * Tells the Town what is about to be pushed and waits until it says that it has recorded it.
   *
   * @throws the reason of `signal` if that ends first
   */
  async intend(run: OfRun, intent: Intent, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const event: IntentEvent = { type: "intent", ...run, ...intent };
    await new Promise<void>((done, fail) => {
      this.#unrecorded = [...this.#unrecorded, { event, done }];
      signal.addEventListener("abort", () => fail(signal.reason), { once: true });
      this.send(event);
    }).finally(() => {
      this.#unrecorded = this.#unrecorded.filter((waiting) => waiting.event !== event);
    });
  }

  #received(frame: TownDown): void {
    switch (frame.type) {
      case "welcome":
        frame.cancel.forEach(this.#hooks.cancel);
        return this.#askAgain();
      case "recorded":
        for (const { event, done } of this.#unrecorded) {
          if (event.runId === frame.runId && event.commit === frame.commit) done();
        }
        return;
      case "ack":
        return;
    }
  }

  /** `recorded` is not numbered: it may have been lost with the old connection, so ask once more. */
  #askAgain(): void {
    const pending = this.#outbox.pending;
    for (const { event } of this.#unrecorded) {
      if (!pending.includes(event)) this.send(event);
    }
  }
}
