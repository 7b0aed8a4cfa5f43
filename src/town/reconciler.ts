import { withDeadline } from "../deadline.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { charterOf } from "./agents/actions.ts";
import { setAgent } from "./agents/rows.ts";
import { beginKill, beginStop, endLife, lookAtLease, lookAtSocket } from "./container/actions.ts";
import { decide, type Action } from "./decide.ts";
import { dispatch } from "./dispatch.ts";
import { OUTBOX_KINDS, type Facts } from "./features.ts";
import { isAnythingDue, putOff, strikeOff, takeDue } from "./outbox/actions.ts";
import type { Commit } from "./outbox/kind.ts";
import { must, peer } from "./outbox/peer.ts";
import type { Lane, OutboxRow } from "./outbox/rows.ts";
import type { ContainerTruth } from "../rooms/container.ts";
import type { TownPorts } from "./ports.ts";
import { getOpenRun } from "./runs/rows.ts";
import { setBack } from "./set-back.ts";

/**
 * Carries out what {@link decide} says and what is owed to peers. Two lanes, each one thing at a time:
 * everything that touches the container, and what peers are told. Whatever is awaited here was written down
 * before, and after every await the run's fence is looked at again.
 */
export class Reconciler {
  readonly #ports: TownPorts;
  readonly #commit: Commit;
  readonly #facts: () => Facts;
  readonly #lanes = new Map<Lane, { readonly done: Promise<void>; again: boolean }>();

  constructor(ports: TownPorts, commit: Commit, facts: () => Facts) {
    this.#ports = ports;
    this.#commit = commit;
    this.#facts = facts;
  }

  /** Does all that is due now; ends when nothing is. */
  async drain(): Promise<void> {
    // Once more after the container's: what that caused needs no alarm.
    const container = this.#lane("container", () => this.#containerStep()).then(() => this.drainPeers());
    await Promise.all([container, this.drainPeers()]);
  }

  /** Tells peers what they are owed; nothing of it touches the container. */
  drainPeers(): Promise<void> {
    return this.#lane("peers", () => this.#deliverNext("peers"));
  }

  /**
   * One driver a lane: who comes while one is under way joins it, and it looks again before it ends, so
   * nobody waits for an alarm and no alarm fires in a circle while something is slow.
   */
  #lane(name: Lane, step: () => Promise<boolean>): Promise<void> {
    const running = this.#lanes.get(name);
    if (running !== undefined) {
      running.again = true;
      return running.done;
    }
    const lane = { done: Promise.resolve(), again: true };
    this.#lanes.set(name, lane);
    lane.done = (async () => {
      try {
        while (lane.again) {
          lane.again = false;
          while (await step());
        }
      } finally {
        this.#lanes.delete(name);
      }
    })();
    return lane.done;
  }

  async #containerStep(): Promise<boolean> {
    if (await this.#deliverNext("container")) return true;
    const action = decide(this.#facts(), this.#ports.config, this.#ports.now());
    if (action === null) return false;
    await this.#perform(action);
    return true;
  }

  async #perform(action: Action): Promise<void> {
    const { container, link } = this.#ports;
    switch (action.kind) {
      case "look-at-lease":
        this.#commit((tx) => lookAtLease(tx, link.lastPingAt(tx.container.life)));
        return;
      case "look-at-socket":
        this.#commit(lookAtSocket);
        return;
      case "lose-run":
        this.#commit((tx) => {
          const run = getOpenRun(tx, action.run);
          if (run !== null) setBack(tx, run, { kind: "failed", reason: action.reason, again: true });
        });
        return;
      case "stop": {
        const life = this.#commit((tx) => beginStop(tx, action.why));
        await this.#settleTruth(life, () => container.stop(life));
        return;
      }
      case "kill": {
        const life = this.#commit(beginKill);
        await this.#settleTruth(life, () => container.kill(life));
        return;
      }
      case "dispatch":
        await dispatch(action.job, {
          ports: this.#ports,
          commit: this.#commit,
          found: (agent) => this.found(agent),
        });
    }
  }

  /**
   * Asks the container's object to end it and writes down what it then says of it. One that doesn't
   * answer must not hold up the kill that is due when the deadline is over.
   */
  async #settleTruth(life: number, ask: () => Promise<ContainerTruth>): Promise<void> {
    const truth = await withDeadline(ask(), this.#ports.config.stopDeadlineMs).catch(() => null);
    if (truth !== null && !truth.running) this.#commit((tx) => endLife(tx, life, truth));
  }

  /** Founds an agent's room, whose place on the roster was written before. */
  async found(name: AgentName): Promise<void> {
    const charter = this.#commit((tx) => charterOf(tx, name));
    if (charter === null) throw new Error(`${name} is not on the roster`);
    must(await peer(this.#ports.agents.found(charter)));
    this.#commit((tx) => setAgent(tx, name, { founded: 1 }));
  }

  async #deliverNext(lane: Lane): Promise<boolean> {
    // Looking costs no write: a transaction only when something is due.
    const now = this.#ports.now();
    const { outboxDueAt } = this.#facts();
    if (outboxDueAt === null || outboxDueAt > now || !isAnythingDue(this.#ports.sql, lane, now)) return false;
    const due = this.#commit((tx) => takeDue(tx, lane));
    if (due === null) return false;
    await this.#deliver(due);
    return true;
  }

  async #deliver(due: OutboxRow): Promise<void> {
    const kind = OUTBOX_KINDS.find((one) => one.kind === due.kind);
    if (kind === undefined) throw new Error(`nobody knows how to deliver "${due.kind}"`);
    const payload: unknown = JSON.parse(due.payload);
    const delivery = { ports: this.#ports, commit: this.#commit };
    const done = await peer(kind.deliver(payload, delivery)).catch(() => false);
    this.#commit((tx) => {
      if (!done) {
        putOff(tx, due);
        return;
      }
      strikeOff(tx, due);
      kind.delivered?.(tx, payload);
    });
  }
}
