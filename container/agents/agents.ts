import type { PromptResponse } from "@agentclientprotocol/sdk";
import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { TownEvent } from "../../src/protocol/container/town-up.ts";
import type { Update } from "./acp-session.ts";
import type { AgentProcess } from "./agent-process.ts";
import { promptBlocks } from "./prompt.ts";

type ProcessEvent = TownEvent & { type: "process" };

/** What {@link Agents} needs of the world. */
export interface AgentPorts {
  /** @throws AgentFailure if the agent can't be used */
  readonly start: (order: TurnOrder, signal: AbortSignal) => Promise<AgentProcess>;
  readonly tell: (event: ProcessEvent) => void;
}

/** A process in its seat. */
interface Seated {
  readonly id: string;
  readonly process: AgentProcess;
  /** We ended it, so its end needs no reason. */
  dismissed: boolean;
}

interface Seat {
  readonly agent: string;
  seated: Seated | null;
  /** A turn is under way: what the Town hears of the process waits for the turn's result. */
  busy: boolean;
  late: ProcessEvent[];
}

/** The agents' processes: at most one for each agent. */
export class Agents {
  readonly #ports: AgentPorts;
  readonly #seats = new Map<string, Seat>();

  constructor(ports: AgentPorts) {
    this.#ports = ports;
  }

  /**
   * One turn in the process that the order names; another process of the agent is ended first.
   * Until {@link settle}, the Town isn't told that the process ended.
   *
   * @throws AgentFailure if the agent can't be used or breaks off
   */
  async turn(order: TurnOrder, update: Update, signal: AbortSignal): Promise<PromptResponse> {
    const seat = this.#seat(order.agent);
    const present = seat.seated;
    const isNew = present?.id !== order.process || present.process.isGone;
    if (isNew) await this.end(order.agent);
    seat.busy = true;
    const { process } = isNew ? await this.#start(seat, order, signal) : present;
    return process.prompt(promptBlocks(order, isNew), update, signal);
  }

  /** The result of the agent's turn has been sent: now what became of its process may follow. */
  settle(agent: string): void {
    const seat = this.#seat(agent);
    seat.busy = false;
    for (const event of seat.late.splice(0)) this.#ports.tell(event);
  }

  /** Whether the agent has a process, or a turn that may start one. */
  isPresent(agent: string): boolean {
    const seat = this.#seats.get(agent);
    return seat !== undefined && (seat.busy || seat.seated !== null);
  }

  /** Ends the agent's process; with `process`, only if it is that one. */
  async end(agent: string, process?: string): Promise<void> {
    const seated = this.#seats.get(agent)?.seated;
    if (!seated || (process !== undefined && process !== seated.id)) return;
    seated.dismissed = true;
    await seated.process.end();
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#seats.keys()].map((agent) => this.end(agent)));
  }

  /** Without waiting for anything. */
  killAll(): void {
    for (const seat of this.#seats.values()) seat.seated?.process.kill();
  }

  #seat(agent: string): Seat {
    const seat = this.#seats.get(agent) ?? { agent, seated: null, busy: false, late: [] };
    this.#seats.set(agent, seat);
    return seat;
  }

  async #start(seat: Seat, order: TurnOrder, signal: AbortSignal): Promise<Seated> {
    const process = await this.#ports.start(order, signal);
    const seated: Seated = { id: order.process, process, dismissed: false };
    seat.seated = seated;
    this.#tell(seat, { state: "up", reason: null }, seated.id);
    void this.#watch(seat, seated);
    return seated;
  }

  async #watch(seat: Seat, seated: Seated): Promise<void> {
    const exit = await seated.process.gone;
    if (seat.seated === seated) seat.seated = null;
    this.#tell(seat, { state: "down", reason: seated.dismissed ? null : exit }, seated.id);
  }

  #tell(seat: Seat, what: Pick<ProcessEvent, "state" | "reason">, process: string): void {
    const event: ProcessEvent = { type: "process", agent: seat.agent, process, ...what };
    if (seat.busy && what.state === "down") seat.late.push(event);
    else this.#ports.tell(event);
  }
}
