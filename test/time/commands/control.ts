import { AgentLink } from "../../../container/link/agent-link.ts";
import { TownLink } from "../../../container/link/town-link.ts";
import type { RunOrder } from "../../../src/protocol/container/order.ts";
import type { TownEvent } from "../../../src/protocol/container/town-up.ts";
import type { AgentName } from "../../../src/protocol/primitives.ts";
import { resultOf } from "../../../bench/rooms/control-server.ts";
import { bootOf, type Machine } from "../../../bench/rooms/machine.ts";
import type { Timeline } from "../../../bench/rooms/timeline.ts";
import { containerToken, ofRun } from "../../rooms/played-container.ts";
import { dialer } from "./dial.ts";

const LISTENS_AFTER_MS = 1000;
const RUN_MS = 20_000;
const SAVES_IN_MS = 500;
/** A process that was killed takes its sockets with it, but not at once. */
const SOCKETS_LINGER_MS = 2000;

const outcome = (how: "failed" | "cancelled") =>
  how === "failed" ? ({ outcome: how, reason: "It broke.", again: true } as const) : { outcome: how };

/** What a run comes to that does not go well. */
const setbackOf = (order: RunOrder, how: "failed" | "cancelled"): TownEvent => {
  const run = ofRun(order);
  switch (order.kind) {
    case "check":
      return { type: "checked", ...run, rig: order.rig.name, result: { outcome: "failed", reason: how } };
    case "merge":
      return { type: "merged", ...run, result: outcome(how) };
    case "turn":
      return { type: "turned", ...run, agent: order.agent, result: outcome(how) };
  }
};

/** The control server of one life, played, over the links that the real one has. */
export class Control {
  readonly life: number;
  readonly #town: string;
  readonly #machine: Machine;
  readonly #timeline: Timeline;
  readonly #runs = new Map<string, RunOrder>();
  readonly #home: TownLink;
  readonly #agents = new Map<AgentName, AgentLink>();
  readonly #dial: ReturnType<typeof dialer>;
  /** Every socket that it opened and did not close. */
  readonly #sockets: WebSocket[] = [];
  /** It doesn't hear SIGTERM. */
  isDeaf = false;
  #isOver = false;
  #isStopping = false;

  constructor(town: string, machine: Machine, timeline: Timeline) {
    this.life = machine.life;
    this.#town = town;
    this.#machine = machine;
    this.#timeline = timeline;
    this.#dial = dialer(
      timeline,
      containerToken(town, this.life),
      () => !this.#isOver,
      (socket) => this.#sockets.push(socket),
    );
    const boot = { boot: bootOf(this.life), life: this.life };
    this.#home = new TownLink(this.#dial, town, boot, {
      live: () => [...this.#runs.values()].map(ofRun),
      cancel: (runId) => this.cancel(runId),
      ended: () => this.#exit(),
    });
    this.#after(LISTENS_AFTER_MS, () => this.#home.open());
  }

  get runs(): readonly RunOrder[] {
    return [...this.#runs.values()];
  }

  take(order: RunOrder): void {
    if (this.#isStopping) return;
    this.#runs.set(order.runId, order);
    this.#after(RUN_MS, () => this.finish(order.runId));
  }

  /** A run comes to its end; what its agent said last is on its way then. */
  finish(runId: string, how: "well" | "failed" | "cancelled" = "well"): void {
    const order = this.#runs.get(runId);
    if (order === undefined || this.#isOver) return;
    this.#runs.delete(runId);
    if (order.kind === "turn") {
      const agent = this.#agentOf(order.agent);
      agent.tell(ofRun(order), { type: "text", id: `${runId} text`, append: "So it is." });
      void agent.drained(new AbortController().signal);
    }
    this.#home.send(how === "well" ? resultOf(order) : setbackOf(order, how));
  }

  cancel(runId: string): void {
    this.finish(runId, "cancelled");
  }

  /** SIGTERM: what runs is told as failed, then it ends. */
  stop(): void {
    if (this.#isStopping || this.isDeaf) return;
    this.#isStopping = true;
    for (const { runId } of this.runs) this.finish(runId, "failed");
    this.#after(SAVES_IN_MS, () => this.#exit());
  }

  /** Says something of a run that is none any more. */
  sayLate(order: RunOrder): void {
    this.#home.send(resultOf(order));
    if (order.kind !== "turn") return;
    const agent = this.#agentOf(order.agent);
    agent.tell(ofRun(order), { type: "text", id: "late", append: "And another thing." });
    void agent.drained(new AbortController().signal);
  }

  /** The machine says that the process is gone. */
  die(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timeline.after(SOCKETS_LINGER_MS, () => this.cut());
  }

  #exit(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.cut();
    if (this.#machine.life === this.life) this.#machine.exit();
  }

  /** Its sockets close; while it lives, it dials again. */
  cut(): void {
    for (const socket of this.#sockets.splice(0)) {
      try {
        socket.close(1001, "cut");
      } catch {
        // Closed already.
      }
    }
  }

  /** A frame on every socket that is still open, whether its process lives or not. */
  shout(frame: object): void {
    for (const socket of this.#sockets) {
      try {
        socket.send(JSON.stringify(frame));
      } catch {
        // Closed by the other side.
      }
    }
  }

  #agentOf(agent: AgentName): AgentLink {
    const known = this.#agents.get(agent);
    if (known !== undefined) return known;
    const link = new AgentLink(this.#dial, this.#town, agent, { boot: bootOf(this.life), life: this.life });
    this.#agents.set(agent, link);
    link.open();
    return link;
  }

  #after(ms: number, run: () => void): void {
    this.#timeline.after(ms, () => {
      if (!this.#isOver) run();
    });
  }
}
