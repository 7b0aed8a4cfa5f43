import type { RunOrder } from "../../src/protocol/container/order.ts";
import type { TownEvent } from "../../src/protocol/container/town-up.ts";
import type { AgentName } from "../../src/protocol/primitives.ts";
import {
  BASE,
  COMMIT,
  dial,
  dialAgent,
  ofRun,
  type PlayedContainer,
} from "../../test/rooms/played-container.ts";
import { bootOf, type Machine } from "./machine.ts";

const STARTS_IN_MS = 1000;
const SAVES_IN_MS = 500;

/** How long a run takes. */
export type Pace = (order: RunOrder) => number;

type Later = (ms: number, run: () => Promise<void>) => void;
type AgentLine = Awaited<ReturnType<typeof dialAgent>>;

export const resultOf = (order: RunOrder): TownEvent => {
  const run = ofRun(order);
  switch (order.kind) {
    case "check":
      return {
        type: "checked",
        ...run,
        rig: order.rig.name,
        result: { outcome: "ready", branch: "main", head: BASE },
      };
    case "merge":
      return { type: "merged", ...run, result: { outcome: "merged", mergeCommit: COMMIT } };
    case "turn": {
      const diff = { text: "", truncated: false, files: 1, insertions: 1, deletions: 0 };
      const result =
        order.work === null
          ? ({ outcome: "talked" } as const)
          : ({ outcome: "done", commit: COMMIT, base: BASE, diff, summary: "" } as const);
      return { type: "turned", ...run, agent: order.agent, result };
    }
  }
};

/** The control server on a machine, played: it dials home, takes its time, says what came of each order. */
export class ControlServer {
  readonly #town: string;
  readonly #machine: Machine;
  readonly #pace: Pace;
  readonly #later: Later;
  #line: PlayedContainer | null = null;
  #agents = new Map<AgentName, AgentLine>();
  #life = 0;
  #isStopping = false;

  constructor(town: string, machine: Machine, pace: Pace, later: Later) {
    this.#town = town;
    this.#machine = machine;
    this.#pace = pace;
    this.#later = later;
  }

  /** Looks at what the machine was told. @returns whether that was anything new */
  async attend(): Promise<boolean> {
    const { isRunning, life, isAskedToStop, orders } = this.#machine;
    if (!isRunning) return false;
    let isNew = false;
    if (life !== this.#life) {
      this.#life = life;
      this.#isStopping = false;
      this.#later(STARTS_IN_MS, () => this.#start());
      isNew = true;
    }
    if (isAskedToStop && !this.#isStopping) {
      this.#isStopping = true;
      this.#later(SAVES_IN_MS, () => this.#stop());
      isNew = true;
    }
    for (const order of orders.splice(0)) {
      this.#later(Math.max(this.#pace(order), 2 * STARTS_IN_MS), () => this.#finish(order));
      isNew = true;
    }
    return isNew;
  }

  async #start(): Promise<void> {
    this.#line = await dial(this.#town, { life: this.#life, boot: bootOf(this.#life) });
  }

  async #finish(order: RunOrder): Promise<void> {
    if (order.kind === "turn") {
      const line = this.#agents.get(order.agent) ?? (await this.#dialAgent(order.agent));
      const id = (name: string) => `${order.runId} ${name}`;
      await line.tell(order, { type: "thought", id: id("thought"), append: "Let me see." });
      await line.tell(order, { type: "tool", id: id("tool"), title: "town_status", status: "completed" });
      await line.tell(order, { type: "text", id: id("text"), append: "So it is." });
    }
    await this.#line?.tell(resultOf(order));
  }

  async #dialAgent(agent: AgentName): Promise<AgentLine> {
    const line = await dialAgent(this.#town, agent, { life: this.#life, boot: bootOf(this.#life) });
    this.#agents.set(agent, line);
    return line;
  }

  async #stop(): Promise<void> {
    for (const { socket } of [...this.#agents.values(), ...(this.#line === null ? [] : [this.#line])]) {
      socket.close(1001);
      await socket.closed;
    }
    this.#agents = new Map();
    this.#line = null;
    this.#machine.exit();
  }
}
