import type { RunOrder } from "../protocol/container/order.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { withDeadline } from "../deadline.ts";
import { backoffMs } from "../lifecycle/backoff.ts";
import { charterOf, loseProcesses } from "./agents.ts";
import { answered, ended, isMuchTooLate, isUp, judgeLease, stopping } from "./container.ts";
import { decide, type Action } from "./decide.ts";
import { cancelRun } from "./cancel-run.ts";
import {
  errandDone,
  errandFailed,
  isErrandDue,
  takeErrand,
  type DueErrand,
  type ErrandLane,
} from "./errands.ts";
import type { Facts } from "./facts.ts";
import { prepare, type Plan } from "./prepare.ts";
import type { ContainerTruth, ModelSettings, TownPorts } from "./ports.ts";
import { readContainer, readTown, type Tx } from "./tx.ts";
import { isOf, RESTARTED, setBack } from "./runs.ts";

/** A peer that doesn't answer in this time is asked again; shorter than the time of the next try. */
const PEER_MS = 20_000;
/** The longest wait between two kills of a container that is out of reach. */
const KILL_AGAIN_MS = 300_000;

type LaneName = "container" | "errands";

/** How the conductor changes the town. */
export type Commit = <T>(work: (tx: Tx) => T) => T;

/**
 * Carries out what {@link decide} says and what is owed to peers. Two lanes, each one thing at a time:
 * everything that touches the container, and errands. Whatever is awaited here was written down before,
 * and after every await the run's fence is looked at again.
 */
export class Conductor {
  readonly #ports: TownPorts;
  readonly #commit: Commit;
  readonly #facts: () => Facts;
  readonly #lanes = new Map<LaneName, { readonly done: Promise<void>; again: boolean }>();

  constructor(ports: TownPorts, commit: Commit, facts: () => Facts) {
    this.#ports = ports;
    this.#commit = commit;
    this.#facts = facts;
  }

  /** Does all that is due now; ends when nothing is. */
  async drain(): Promise<void> {
    // Once more after the container's: what that caused needs no alarm.
    const container = this.#lane("container", () => this.#containerStep()).then(() => this.drainErrands());
    await Promise.all([container, this.drainErrands()]);
  }

  /** Does what is owed to peers; nothing of it touches the container. */
  drainErrands(): Promise<void> {
    return this.#lane("errands", () => this.#errandStep("peers"));
  }

  /**
   * One driver a lane: who comes while one is under way joins it, and it looks again before it ends, so
   * nobody waits for an alarm and no alarm fires in a circle while something is slow.
   */
  #lane(name: LaneName, step: () => Promise<boolean>): Promise<void> {
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
    if (await this.#errandStep("container")) return true;
    const action = decide(this.#facts(), this.#ports.config, this.#ports.now());
    if (action === null) return false;
    await this.#perform(action);
    return true;
  }

  async #perform(action: Action): Promise<void> {
    const { config, link } = this.#ports;
    switch (action.kind) {
      case "look-at-lease":
        this.#commit((tx) => {
          const { life, leaseDueAt } = tx.container;
          if (leaseDueAt === null) return;
          const ping = link.lastPingAt(life);
          const verdict = judgeLease(leaseDueAt, ping, config.leaseMs, tx.now);
          if (verdict.kind === "extend") tx.setContainer({ leaseDueAt: verdict.until });
          else loseLife(tx, "The container was not heard of any more.", config.retryBaseMs);
        });
        return;
      case "look-at-socket":
        this.#commit((tx) => {
          const { lostAt } = tx.container;
          if (lostAt === null) return;
          if (isMuchTooLate(lostAt + config.graceMs, config.graceMs, tx.now))
            tx.setContainer({ lostAt: tx.now });
          else loseLife(tx, "The container's connection was lost.", config.retryBaseMs);
        });
        return;
      case "lose-run":
        this.#commit((tx) => {
          const run = tx.openRun(action.run);
          if (run === null) return;
          setBack(tx, run, { kind: "failed", reason: action.reason, again: true }, config.retryBaseMs);
        });
        return;
      case "stop": {
        const life = this.#commit((tx) => {
          const killAt = tx.now + config.stopDeadlineMs;
          tx.container = stopping(tx.container, action.why, killAt, tx.now);
          tx.touch("stop");
          tx.note("life", `The container is stopped. ${action.why}`);
          return tx.container.life;
        });
        await this.#settleTruth(life, () => this.#ports.container.stop(life));
        return;
      }
      case "kill": {
        const life = this.#commit((tx) => {
          const { killAt, kills, since } = tx.container;
          const why =
            killAt === since ? "is killed, should it still run" : "did not stop when asked and is killed";
          // Again after a while, should the kill itself fail; said once, for the diary is short.
          const again = backoffMs(kills, { baseMs: config.stopDeadlineMs, maxMs: KILL_AGAIN_MS });
          tx.setContainer({ killAt: tx.now + Math.max(again, config.stopDeadlineMs), kills: kills + 1 });
          tx.touch("kill");
          if (kills === 0) tx.note("trouble", `The container ${why}.`);
          return tx.container.life;
        });
        await this.#settleTruth(life, () => this.#ports.container.kill(life));
        return;
      }
      case "dispatch":
        await this.#dispatch(action);
    }
  }

  /**
   * Asks the container's object to end it and writes down what it then says of it. One that doesn't
   * answer must not hold up the kill that is due when the deadline is over.
   */
  async #settleTruth(life: number, ask: () => Promise<ContainerTruth>): Promise<void> {
    const { stopDeadlineMs, retryBaseMs } = this.#ports.config;
    const truth = await withDeadline(ask(), stopDeadlineMs).catch(() => null);
    if (truth !== null && !truth.running) this.#commit((tx) => endLife(tx, life, truth, retryBaseMs));
  }

  async #dispatch({ job }: Extract<Action, { kind: "dispatch" }>): Promise<void> {
    const plan = this.#commit((tx) =>
      prepare(tx, job, {
        charter: this.#ports.charter,
        config: this.#ports.config,
        model: modelOf(tx.town.model, this.#ports.defaultModel),
        newId: () => this.#ports.newId(),
      }),
    );
    if (plan === null) throw new Error(`the job ${JSON.stringify(job)} could not be prepared`);
    try {
      const order = plan.agent === null ? plan.order : await this.#introduce(plan, plan.agent);
      if (!this.#commit((tx) => this.#mayOrder(tx, plan))) return;
      const { boot } = readContainer(this.#ports.kv);
      const taken = await withDeadline(
        this.#ports.container.order(plan.life, order),
        this.#ports.config.startDeadlineMs,
      );
      this.#commit((tx) => {
        if (!taken.taken && !taken.truth.running)
          endLife(tx, plan.life, taken.truth, this.#ports.config.retryBaseMs);
        const run = tx.openRun(plan.run);
        if (run === null) return;
        if (!taken.taken) {
          this.#failDispatch(tx, plan, taken.reason);
          return;
        }
        if (tx.container.life === plan.life) tx.container = answered(tx.container, tx.now);
        const taker = taken.boot ?? null;
        const isReplaced = tx.container.boot !== boot && !isOf(taker, tx.container.boot);
        if (isReplaced && run.state === "starting") {
          // By one that has said meanwhile what runs in it, and this doesn't.
          setBack(tx, run, { kind: "lost", reason: RESTARTED }, this.#ports.config.retryBaseMs);
          return;
        }
        tx.setRun(plan.run, { boot: taker });
        if (run.state === "starting") tx.setRun(plan.run, { state: "live", started_at: tx.now });
        // Asked for while the order was on its way: the container knows the run only now.
        if (run.cancelling === 1) cancelRun(tx, run);
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#commit((tx) => this.#failDispatch(tx, plan, `It could not be started: ${reason}`));
    }
  }

  /** The last look before the container is addressed: whether the run is still what it was. */
  #mayOrder(tx: Tx, plan: Plan): boolean {
    const run = tx.openRun(plan.run);
    if (run === null) return false;
    if (run.cancelling === 1) {
      const reason = "It was cancelled before it began.";
      setBack(tx, run, { kind: "failed", reason, again: false }, this.#ports.config.retryBaseMs);
      return false;
    }
    if (tx.container.life !== plan.life || !isUp(tx.container)) {
      const reason = "The container ended before it began.";
      setBack(tx, run, { kind: "lost", reason }, this.#ports.config.retryBaseMs);
      return false;
    }
    tx.setContainer({ addressed: true });
    return true;
  }

  #failDispatch(tx: Tx, plan: Plan, reason: string): void {
    const run = tx.openRun(plan.run);
    if (run !== null)
      setBack(
        tx,
        run,
        { kind: "failed", reason: reason.slice(0, 500), again: true },
        this.#ports.config.retryBaseMs,
      );
  }

  /** Founds the agent's room where it isn't yet, tells it of the run, and completes the order. */
  async #introduce(plan: Plan, agent: NonNullable<Plan["agent"]>): Promise<RunOrder> {
    const { agents } = this.#ports;
    const { order } = plan;
    if (order.kind !== "turn") return order;
    if (!agent.founded) await this.found(agent.name);
    must(
      await peer(
        agents.tell(agent.name, {
          kind: "begin",
          run: order.runId,
          fence: order.fence,
          message: agent.message,
        }),
      ),
    );
    const history = agent.newProcess ? must(await peer(agents.history(agent.name))) : [];
    const token = await this.#ports.mintToken(agent.name, order.role, order.process);
    return { ...order, history, token };
  }

  /** Founds an agent's room, whose place on the roster was written before. */
  async found(name: AgentName): Promise<void> {
    const charter = this.#commit((tx) => charterOf(tx, name));
    if (charter === null) throw new Error(`${name} is not on the roster`);
    must(await peer(this.#ports.agents.found(charter)));
    this.#commit((tx) => tx.setAgent(name, { founded: 1 }));
  }

  async #errandStep(lane: ErrandLane): Promise<boolean> {
    // Looking costs no write: a transaction only when something is due.
    const now = this.#ports.now();
    const { errandDueAt } = this.#facts();
    if (errandDueAt === null || errandDueAt > now || !isErrandDue(this.#ports.sql, lane, now)) return false;
    const due = this.#commit((tx) => takeErrand(tx, lane));
    if (due === null) return false;
    const done = await peer(this.#run(due)).catch(() => false);
    this.#commit((tx) => (done ? errandDone(tx, due) : errandFailed(tx, due)));
    return true;
  }

  /** Whether the errand is done: carried out, or pointless by now. */
  async #run({ errand }: DueErrand): Promise<boolean> {
    const { kv, container, agents, owner } = this.#ports;
    switch (errand.kind) {
      case "tell-agent": {
        const told = await agents.tell(errand.agent, errand.word);
        return told.ok || told.problem.kind === "gone" || told.problem.kind === "not-found";
      }
      case "tell-owner": {
        const told = await owner.tell(JSON.parse(readTown(kv).toldOwner));
        return told.ok || told.problem.kind === "gone" || told.problem.kind === "not-found";
      }
      case "end-room": {
        const gone = await agents.destroy(errand.agent, errand.cause);
        if (gone) this.#commit((tx) => tx.setAgent(errand.agent, { status: "ended", since: tx.now }));
        return gone;
      }
      case "cancel-run": {
        const now = readContainer(kv);
        if (now.life !== errand.life || !isUp(now)) return true;
        this.#commit((tx) => tx.touch("cancel"));
        await container.cancel(errand.life, errand.run, errand.fence);
        return true;
      }
    }
  }
}

/** A peer's answer, or a failure: one that doesn't answer must not silence the town's alarm. */
const peer = <T>(call: Promise<T>): Promise<T> => withDeadline(call, PEER_MS);

const must = <T>(answer: { ok: true; value: T } | { ok: false; problem: { detail: string } }): T => {
  if (answer.ok) return answer.value;
  throw new Error(answer.problem.detail);
};

/** The town's own model, else the instance's. */
export const modelOf = (own: ModelSettings | null, instance: ModelSettings | null): ModelSettings | null =>
  own ?? instance;

/** The container is not heard of: its runs are lost, and it is killed at once in case it still runs. */
export const loseLife = (tx: Tx, reason: string, retryBaseMs: number): void => {
  if (!isUp(tx.container)) return;
  tx.note("trouble", `${reason} What it was doing goes back.`);
  tx.container = stopping(tx.container, reason, tx.now, tx.now);
  for (const run of tx.openRuns()) setBack(tx, run, { kind: "lost", reason }, retryBaseMs);
  loseProcesses(tx);
};

/** A life of the container is over. Told twice, or of an older life, it changes nothing. */
export const endLife = (
  tx: Tx,
  life: number,
  exit: Extract<ContainerTruth, { running: false }>,
  retryBaseMs: number,
): void => {
  if (tx.container.life !== life || tx.container.state === "asleep") return;
  const asked = tx.container.state === "stopping";
  const reason = `The container ended (${exit.reason}).`;
  tx.container = ended(tx.container, exit, tx.now);
  for (const run of tx.openRuns()) setBack(tx, run, { kind: "lost", reason }, retryBaseMs);
  loseProcesses(tx);
  tx.note(asked ? "life" : "trouble", asked ? "The container sleeps." : reason);
};
