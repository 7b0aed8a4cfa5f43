import type { RunOrder } from "../../../src/protocol/container/order.ts";
import type { TownDown, TownEvent, TownUp } from "../../../src/protocol/container/town-up.ts";
import { PROTOCOL_VERSION } from "../../../src/protocol/version.ts";
import { BASE, COMMIT, MERGE } from "../../town/world.ts";
import type { Timeline } from "./timeline.ts";

const PING_EVERY_MS = 5000;
const DIAL_MS = 500;
const SAVE_MS = 2000;

type OfRun = Pick<RunOrder, "runId" | "fence">;

/** The rooms as a process reaches them over its one socket. */
export interface Home {
  /** `false`: this life is over. `null`: nobody answers. */
  open(process: PlayedProcess): boolean | null;
  frame(process: PlayedProcess, frame: TownUp): void;
  closed(process: PlayedProcess): void;
}

/** How a played process behaves. */
export interface Manners {
  /** How long a run takes. */
  readonly workMs: (order: RunOrder) => number;
  /** It does not hear SIGTERM. */
  deaf: boolean;
  /** The next run never ends by itself, nor at its limit. */
  endless: boolean;
}

const result = (order: RunOrder): TownEvent => {
  const { runId, fence } = order;
  switch (order.kind) {
    case "check":
      return {
        type: "checked",
        runId,
        fence,
        rig: order.rig.name,
        result: { outcome: "ready", branch: "main", head: BASE },
      };
    case "merge":
      return { type: "merged", runId, fence, result: { outcome: "merged", mergeCommit: MERGE } };
    case "turn": {
      const diff = { text: "", truncated: false, files: 1, insertions: 1, deletions: 0 };
      return {
        type: "turned",
        runId,
        fence,
        agent: order.agent,
        result:
          order.work === null
            ? { outcome: "talked" }
            : { outcome: "done", commit: COMMIT, base: BASE, diff, summary: "" },
      };
    }
  }
};

/** What is told of a run that was ended; of a repository nothing, when the container stops. */
const ended = (order: RunOrder, why: "cancelled" | "stopped" | "took too long"): TownEvent | null => {
  const { runId, fence } = order;
  const outcome =
    why === "cancelled"
      ? ({ outcome: "cancelled" } as const)
      : ({
          outcome: "failed",
          reason: `It was ended: ${why}.`,
          again: true,
        } as const);
  switch (order.kind) {
    case "check":
      return why === "stopped"
        ? null
        : { type: "checked", runId, fence, rig: order.rig.name, result: { outcome: "failed", reason: why } };
    case "merge":
      return { type: "merged", runId, fence, result: outcome };
    case "turn":
      return { type: "turned", runId, fence, agent: order.agent, result: outcome };
  }
};

/** A control server as the Town knows it: takes orders, dials home, tells each result until it is heard. */
export class PlayedProcess {
  readonly life: number;
  readonly boot: string;
  readonly #timeline: Timeline;
  readonly #home: Home;
  readonly #manners: Manners;
  readonly #exit: (process: PlayedProcess, code: number) => void;
  readonly #live = new Map<string, { readonly order: RunOrder; readonly drop: () => void }>();
  readonly #known = new Set<string>();
  #outbox: { readonly n: number; readonly event: TownEvent }[] = [];
  #told = 0;
  #isOpen = false;
  #isStopping = false;
  #frozenAt: number | null = null;
  isAlive = true;
  readonly #listening = Promise.withResolvers<boolean>();
  /** Whether it came to take orders. */
  readonly listening = this.#listening.promise;

  constructor(
    life: number,
    parts: {
      readonly timeline: Timeline;
      readonly home: Home;
      readonly manners: Manners;
      readonly startMs: number;
      readonly exit: (process: PlayedProcess, code: number) => void;
    },
  ) {
    this.life = life;
    this.boot = `boot of life ${life}`;
    this.#timeline = parts.timeline;
    this.#home = parts.home;
    this.#manners = parts.manners;
    this.#exit = parts.exit;
    this.#timeline.after(parts.startMs, () => {
      if (!this.isAlive) return;
      this.#listening.resolve(true);
      this.#dial(0);
    });
  }

  /** Nothing of it is on its way. */
  get isQuiet(): boolean {
    return this.isFrozen || (this.#isOpen && this.#outbox.length === 0 && !this.#isStopping);
  }

  get isFrozen(): boolean {
    return this.#frozenAt !== null;
  }

  /** It hangs, its sockets open: from here on it does nothing but be killed. */
  freeze(): void {
    this.#frozenAt ??= this.#timeline.now;
  }

  lastPingAt(): number | null {
    const { now } = this.#timeline;
    const last = Math.floor((this.#frozenAt ?? now) / PING_EVERY_MS) * PING_EVERY_MS;
    return this.#isOpen ? this.#timeline.wallAt(last) : null;
  }

  take(order: RunOrder): boolean {
    if (this.#isStopping) return false;
    if (this.#known.has(order.runId)) return true;
    this.#known.add(order.runId);
    const { endless, workMs } = this.#manners;
    this.#manners.endless = false;
    const ms = workMs(order);
    const drop = this.#timeline.after(endless ? Infinity : Math.min(ms, order.maxMs), () =>
      this.#finish(order.runId, ms <= order.maxMs ? result(order) : ended(order, "took too long")),
    );
    this.#live.set(order.runId, { order, drop });
    return true;
  }

  cancel(runId: string): void {
    const run = this.#live.get(runId);
    if (run !== undefined) this.#finish(runId, ended(run.order, "cancelled"));
  }

  sigterm(): void {
    if (this.#manners.deaf || this.isFrozen || this.#isStopping || !this.isAlive) return;
    this.#isStopping = true;
    for (const [runId, { order }] of this.#live) this.#finish(runId, ended(order, "stopped"));
    this.#timeline.after(SAVE_MS, () => this.end(0));
  }

  /** Ends, for whatever reason. */
  end(code: number): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const { drop } of this.#live.values()) drop();
    this.#listening.resolve(false);
    this.#hangUp();
    this.#exit(this, code);
  }

  /** A frame from the Town. */
  hear(frame: TownDown): void {
    if (!this.#isOpen || this.isFrozen) return;
    if (frame.type === "welcome") {
      this.#outbox = this.#outbox.filter(({ n }) => n > frame.after);
      for (const runId of frame.cancel) this.cancel(runId);
      for (const { n, event } of this.#outbox) this.#send({ type: "event", boot: this.boot, n, event });
    } else if (frame.type === "ack") this.#outbox = this.#outbox.filter(({ n }) => n > frame.n);
  }

  /** The socket is cut for so long. */
  cut(awayMs: number): void {
    if (!this.#isOpen) return;
    this.#hangUp();
    this.#dial(awayMs);
  }

  /** The other end went without a word, as when workerd dies. */
  broken(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#dial(DIAL_MS);
  }

  /** The Town closed the socket: its life is over, or the connection is no good. */
  closedBy(isOver: boolean): void {
    this.#isOpen = false;
    if (isOver && !this.isFrozen) this.end(0);
    else this.#dial(DIAL_MS);
  }

  #finish(runId: string, event: TownEvent | null): void {
    if (this.isFrozen) return;
    this.#live.get(runId)?.drop();
    this.#live.delete(runId);
    if (event === null) return;
    this.#told += 1;
    this.#outbox.push({ n: this.#told, event });
    if (this.#isOpen) this.#send({ type: "event", boot: this.boot, n: this.#told, event });
  }

  #send(frame: TownUp): void {
    this.#timeline.after(1, () => {
      if (this.#isOpen && !this.isFrozen) this.#home.frame(this, frame);
    });
  }

  #hangUp(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#home.closed(this);
  }

  #dial(afterMs: number): void {
    this.#timeline.after(afterMs, () => {
      if (!this.isAlive || this.isFrozen || this.#isOpen) return;
      const answer = this.#home.open(this);
      if (answer === null) return this.#dial(DIAL_MS);
      if (!answer) return this.end(0);
      this.#isOpen = true;
      this.#send({
        type: "hello",
        version: PROTOCOL_VERSION,
        boot: this.boot,
        life: this.life,
        runs: this.#runs(),
      });
    });
  }

  #runs(): OfRun[] {
    const reported = this.#outbox.flatMap(({ event }) =>
      "runId" in event ? [{ runId: event.runId, fence: event.fence }] : [],
    );
    return [
      ...reported,
      ...[...this.#live.values()].map(({ order: { runId, fence } }) => ({ runId, fence })),
    ];
  }
}
