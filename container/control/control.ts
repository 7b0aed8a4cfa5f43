import type { RunOrder, TurnOrder } from "../../src/protocol/container/order.ts";
import type { TownEvent } from "../../src/protocol/container/town-up.ts";
import type { Patience } from "../agents/agent-process.ts";
import { Agents } from "../agents/agents.ts";
import { agentFolders } from "../agents/folders.ts";
import { type AgentGround, startAgent } from "../runtimes/start-agent.ts";
import { AgentLink } from "../link/agent-link.ts";
import type { Boot } from "../link/boot.ts";
import type { Dial } from "../link/line.ts";
import { TownLink } from "../link/town-link.ts";
import { carryOutCheck } from "../runs/check.ts";
import type { GitWork } from "../git/git-work.ts";
import { carryOutMerge } from "../runs/merge.ts";
import { Runs, type Taken } from "../runs/runs.ts";
import { carryOutTurn } from "../runs/turn.ts";

/**
 * What an agent said must be in its room before the Town hears that its turn is over, since later it is of
 * a run that has ended. A line that was lost takes 10 s at most to come back.
 */
const FLUSH_MS = 30_000;
/** Ending agents (3 s), saving their work (10 s) and telling it: before the Town's SIGKILL after 20 s. */
const STOP_MS = 16_000;

/** What the control server works with. */
export interface ControlOptions {
  readonly town: string;
  /** The Worker's address. */
  readonly url: string;
  readonly boot: Boot;
  /** The container's bearer token. */
  readonly token: string;
  /** The container's working folder. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly patience: Patience;
  readonly git: GitWork;
  readonly dial: Dial;
  readonly log: (line: string) => void;
  /** The Town closed the line for good. */
  readonly ended: (code: number) => void;
}

/** All that goes on in one town's container: its runs, its agents, and the lines home. */
export class Control {
  readonly #options: ControlOptions;
  readonly #town: TownLink;
  readonly #links = new Map<string, AgentLink>();
  readonly #agents: Agents;
  readonly #runs: Runs;

  constructor(options: ControlOptions) {
    const { town, url, boot, token, folder, variables, patience, dial, ended } = options;
    const ground: AgentGround = { folder, url, boot: boot.boot, variables, secrets: [token], patience };
    this.#options = options;
    this.#runs = new Runs((order, signal) => this.#carryOut(order, signal));
    this.#agents = new Agents({
      start: (order, signal) => startAgent(ground, order, signal),
      tell: (event) => this.#processChanged(event),
    });
    this.#town = new TownLink(dial, town, boot, {
      live: () => this.#runs.live(),
      cancel: (runId) => this.#runs.cancel(runId),
      ended,
    });
  }

  /** Calls the Town. */
  open(): void {
    this.#town.open();
  }

  take(order: RunOrder): Taken {
    return this.#runs.take(order);
  }

  cancel(runId: string, fence: number): void {
    this.#runs.cancel(runId, fence);
  }

  /** Ends everything in order: work in progress is saved, and what happened is told, if it can be. */
  async stop(): Promise<void> {
    const deadline = AbortSignal.timeout(STOP_MS);
    const tooLate = new Promise<void>((resolve) => {
      deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#runs.stop().then(() => this.#agents.endAll()), tooLate]);
    const links = [this.#town, ...this.#links.values()];
    await Promise.all(links.map((link) => link.drained(deadline)));
    for (const link of links) link.close();
  }

  /** Ends all agents at once, and tells nobody. */
  kill(): void {
    this.#agents.killAll();
  }

  async #carryOut(order: RunOrder, signal: AbortSignal): Promise<void> {
    const { git } = this.#options;
    const run = { runId: order.runId, fence: order.fence };
    switch (order.kind) {
      case "check": {
        const result = await carryOutCheck(order, git, signal);
        if (result !== null) this.#town.send({ type: "checked", ...run, rig: order.rig.name, result });
        return;
      }
      case "merge": {
        const result = await carryOutMerge(order, git, this.#town, signal);
        if (result !== null) this.#town.send({ type: "merged", ...run, result });
        return;
      }
      case "turn":
        return this.#turn(order, signal);
    }
  }

  async #turn(order: TurnOrder, signal: AbortSignal): Promise<void> {
    const { git, folder, log } = this.#options;
    const { runId, fence, agent } = order;
    const link = this.#link(agent);
    link.open();
    const ports = {
      git,
      link,
      log,
      agents: this.#agents,
      folders: agentFolders(folder, agent),
      send: (event: TownEvent) => this.#town.send(event),
    };
    const result = await carryOutTurn(order, ports, signal);
    await link.drained(AbortSignal.timeout(FLUSH_MS));
    if (result !== null) this.#town.send({ type: "turned", runId, fence, agent, result });
    this.#agents.settle(agent);
    if (!this.#agents.isPresent(agent)) void link.retire();
  }

  #processChanged(event: TownEvent & { type: "process" }): void {
    this.#town.send(event);
    if (event.state === "down" && !this.#agents.isPresent(event.agent)) {
      void this.#link(event.agent).retire();
    }
  }

  #link(agent: string): AgentLink {
    const { dial, town, boot } = this.#options;
    const link = this.#links.get(agent) ?? new AgentLink(dial, town, agent, boot);
    this.#links.set(agent, link);
    return link;
  }
}
