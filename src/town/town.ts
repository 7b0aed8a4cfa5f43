import type { Activity } from "../protocol/activity.ts";
import type { Agent, AgentStatus } from "../protocol/agent.ts";
import type {
  Bead,
  BeadStatus,
  BeadSummary,
  Diff,
  GateResult,
  GateSummary,
  NewBead,
} from "../protocol/bead.ts";
import { CloseCode } from "../protocol/close-codes.ts";
import { TownUp, type TownDown } from "../protocol/container/town-up.ts";
import { FIRST_PAGE, type Page, type PageQuery } from "../protocol/page.ts";
import { parseFrame } from "../protocol/parse.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { Refusal } from "../protocol/problem.ts";
import type { NewRig, Rig, RigState } from "../protocol/rig.ts";
import type { Run, RunState } from "../protocol/run.ts";
import type { SettingsPatch } from "../protocol/settings.ts";
import type { Town as TownView } from "../protocol/town.ts";
import { isSpoken } from "../protocol/version.ts";
import type { Acting, Admission, Caller, Handover, Settlement } from "../rooms/town.ts";
import { requireAgent } from "./agents/rows.ts";
import { agentOf, listAgents } from "./agents/view.ts";
import { cancelBead, retryBead, sling } from "./beads/actions.ts";
import { requireBead } from "./beads/rows.ts";
import { beadOf, diffOf, listBeads } from "./beads/view.ts";
import { FactCache } from "./cache.ts";
import { endLife } from "./container/actions.ts";
import { applyHello, isNewEvent, refuseHello } from "./container/hello.ts";
import { isUp, settle } from "./container/rules.ts";
import { nextWake, type TownWake } from "./decide.ts";
import { listActivity } from "./diary/view.ts";
import { applyEvent } from "./events.ts";
import { beadId, runId } from "./ids.ts";
import { gateOf, listGatesOf } from "./merges/view.ts";
import { takeMessage } from "./messages/actions.ts";
import { actingRun, admitCall, settleCall } from "./money/actions.ts";
import { noteSummary } from "./owner/outbox.ts";
import { Pages } from "./pages.ts";
import type { ContainerTruth } from "../rooms/container.ts";
import type { TownPorts } from "./ports.ts";
import { Reconciler } from "./reconciler.ts";
import { addRig, removeRig } from "./rigs/actions.ts";
import { requireRig } from "./rigs/rows.ts";
import { listRigs, rigOf } from "./rigs/view.ts";
import { cancelRun } from "./runs/actions.ts";
import { getOpenRun, RUNS } from "./runs/rows.ts";
import { listRunsOf } from "./runs/view.ts";
import { configure } from "./settings/actions.ts";
import { readContainer, readTown, Tx, type Changes } from "./tx.ts";
import { townView, type Seen } from "./view.ts";

/**
 * A town's domain: every way in changes it in one transaction, sets the alarm in the same step, tells
 * the pages, and lets the reconciler do what is due.
 */
export class Town {
  readonly #ports: TownPorts;
  readonly #reconciler: Reconciler;
  readonly #pages: Pages;
  readonly #cache: FactCache;

  constructor(ports: TownPorts) {
    this.#ports = ports;
    this.#pages = new Pages(ports.viewers);
    this.#cache = new FactCache(ports.sql);
    this.#reconciler = new Reconciler(
      ports,
      (work) => this.#commit(work),
      () => this.#cache.facts(readTown(ports.kv), readContainer(ports.kv)),
    );
  }

  /** Founds the mayor's room, which takes messages from the first moment on. */
  foundMayor(): Promise<void> {
    return this.#reconciler.found("mayor");
  }

  // ---- what people and agents ask

  describe(): TownView {
    return townView(this.#seen());
  }

  configure(patch: SettingsPatch): TownView {
    this.#act((tx) => configure(tx, patch));
    return this.describe();
  }

  addRig(rig: NewRig): Rig {
    return this.#act((tx) => {
      addRig(tx, rig);
      return rigOf(requireRig(tx, rig.name));
    });
  }

  rigs(query: PageQuery<RigState> = FIRST_PAGE): Page<Rig> {
    return listRigs(this.#ports.sql, query);
  }

  removeRig(name: string): null {
    return this.#act((tx) => {
      removeRig(tx, name);
      return null;
    });
  }

  sling(order: NewBead): Bead {
    return this.#actOnBead((tx) => beadId(sling(tx, order)));
  }

  beads(query: PageQuery<BeadStatus> = FIRST_PAGE): Page<BeadSummary> {
    return listBeads(this.#ports.sql, query);
  }

  bead(id: string): Bead {
    return beadOf(requireBead(this.#look(), id));
  }

  cancelBead(id: string): Bead {
    return this.#actOnBead((tx) => {
      cancelBead(tx, requireBead(tx, id).number, "Cancelled by hand.");
      return id;
    });
  }

  retryBead(id: string): Bead {
    return this.#actOnBead((tx) => {
      retryBead(tx, requireBead(tx, id).number);
      return id;
    });
  }

  diff(id: string): Diff | null {
    return diffOf(this.#ports.sql, requireBead(this.#look(), id).number);
  }

  gates(id: string, query: PageQuery = FIRST_PAGE): Page<GateSummary> {
    return listGatesOf(this.#ports.sql, requireBead(this.#look(), id).number, query);
  }

  gate(id: string, gate: string): GateResult {
    const result = gateOf(this.#ports.sql, requireBead(this.#look(), id).number, gate);
    if (result === null) throw new Refusal("not-found", `${id} has no gate "${gate}".`);
    return result;
  }

  beadRuns(id: string, query: PageQuery<RunState> = FIRST_PAGE): Page<Run> {
    return listRunsOf(this.#ports.sql, requireBead(this.#look(), id).number, query);
  }

  agents(query: PageQuery<AgentStatus> = FIRST_PAGE): Page<Agent> {
    return listAgents(this.#ports.sql, query);
  }

  agent(name: string): Agent {
    return agentOf(requireAgent(this.#look(), name));
  }

  activity(after = 0, query: PageQuery = FIRST_PAGE): Page<Activity> {
    return listActivity(this.#ports.sql, after, query);
  }

  /** Ends an agent's turn; a message that is being answered counts as cancelled. */
  cancelTurn(name: AgentName): null {
    return this.#act((tx) => {
      const agent = requireAgent(tx, name);
      const run = agent.run === null ? null : getOpenRun(tx, agent.run);
      if (run === null) throw new Refusal("conflict", `${name} is not at work.`);
      cancelRun(tx, run);
      return null;
    });
  }

  // ---- what agents' rooms and processes ask

  /** An agent's room hands over a message; from here on the town answers for it. */
  take(message: Handover): null {
    return this.#act((tx) => {
      takeMessage(tx, message);
      return null;
    });
  }

  identify(caller: Caller): Acting {
    const run = actingRun(this.#look(), caller);
    return {
      runId: runId(run.number),
      fence: run.number,
      message: run.message,
      bead: run.bead === null ? null : beadId(run.bead),
    };
  }

  declareNoChange(caller: Caller, reason: string): null {
    return this.#act((tx) => {
      const run = actingRun(tx, caller);
      if (run.bead === null) throw new Refusal("conflict", "This run has no bead.");
      tx.set(RUNS, run.number, { no_change: reason });
      return null;
    });
  }

  admit(caller: Caller): Admission {
    return this.#act((tx) => admitCall(tx, caller));
  }

  settle(settlement: Settlement): null {
    return this.#act((tx) => {
      settleCall(tx, settlement);
      return null;
    });
  }

  // ---- what the container tells

  /**
   * Its socket opened. A socket of a life that is over is closed for good; one that is being stopped may
   * still have to tell what it saved.
   */
  linkOpened(life: number): { readonly close: CloseCode; readonly reason: string } | null {
    return this.mayRun(life) ? null : { close: CloseCode.gone, reason: "this life of the container is over" };
  }

  /** A frame from its socket. Answers are sent on the same socket. */
  linkFrame(text: string | ArrayBuffer): void {
    const { link } = this.#ports;
    const frame = parseFrame(TownUp, text);
    if (frame === null) {
      link.close(CloseCode.badMessage, "not a frame of this protocol");
      return;
    }
    if (frame.type === "hello") {
      if (!isSpoken("container", frame.version)) {
        this.#hear((tx) => refuseHello(tx, frame));
        link.close(CloseCode.tooOld, "this version of the protocol is not spoken");
        return;
      }
      const answer = this.#hear((tx) => applyHello(tx, frame));
      if (answer === "stale") link.close(CloseCode.gone, "this life of the container is over");
      else this.#reply(answer);
      return;
    }
    const { boot, taken } = readContainer(this.#ports.kv);
    if (boot === frame.boot && frame.n > taken + 1) {
      // An acknowledgement would say that what is missing is here, too.
      link.close(CloseCode.tryAgain, "an event is missing before this one");
      return;
    }
    const answer = this.#hear((tx) => {
      if (!isNewEvent(tx, frame.boot, frame.n)) return null;
      const reply = applyEvent(tx, frame.event);
      tx.setContainer({ taken: frame.n });
      return reply;
    });
    if (answer !== null) this.#reply(answer);
    this.#reply({ type: "ack", n: frame.n });
  }

  /** Its socket closed. */
  linkClosed(life: number): void {
    this.#hear((tx) => {
      if (tx.container.life === life && isUp(tx.container) && tx.container.lostAt === null)
        tx.setContainer({ lostAt: tx.now });
    });
  }

  /** The container's object says that a life has ended. */
  containerStopped(life: number, exit: Extract<ContainerTruth, { running: false }>): null {
    this.#hear((tx) => endLife(tx, life, exit));
    return null;
  }

  /** The container's object asks whether it may go on: only while this town knows the life. */
  mayRun(life: number): boolean {
    const container = readContainer(this.#ports.kv);
    return container.life === life && container.state !== "asleep";
  }

  // ---- time, pages, the end

  async onAlarm(): Promise<void> {
    await this.#reconciler.drain();
    this.#rearm();
  }

  snapshot(after: number | null): string {
    return this.#pages.greet(this.#seen(), after);
  }

  wake(): TownWake | null {
    return this.#seen().wake;
  }

  // ---- how it changes

  #look(): Tx {
    return new Tx(this.#cache.sql, this.#ports, this.#ports.now());
  }

  #seen(): Seen {
    const { sql, kv, charter, config, defaultModel } = this.#ports;
    const town = readTown(kv);
    const container = readContainer(kv);
    const wake = nextWake(this.#cache.facts(town, container), config, this.#ports.now());
    return { sql, charter, town, container, wake, defaultModel };
  }

  #reply(frame: TownDown): void {
    this.#ports.link.send(JSON.stringify(frame));
  }

  /** Changes the town because somebody asked, and does what is due right away: no timer in between. */
  #act<T>(work: (tx: Tx) => T): T {
    const result = this.#commit(work);
    this.#ports.background(this.#guarded(() => this.#reconciler.drain()));
    return result;
  }

  #actOnBead(work: (tx: Tx) => string): Bead {
    return this.#act((tx) => beadOf(requireBead(tx, work(tx))));
  }

  /**
   * Changes the town because the container said so. Peers are told right away; what touches the
   * container comes by the alarm, in a turn of its own: a hook that called it back could wait for itself.
   */
  #hear<T>(work: (tx: Tx) => T): T {
    const result = this.#commit(work);
    this.#ports.background(this.#guarded(() => this.#reconciler.drainPeers()));
    return result;
  }

  async #guarded(drain: () => Promise<void>): Promise<void> {
    try {
      await drain();
    } catch (error) {
      // The alarm was armed before anything was tried, so whatever is left over is tried again.
      console.error("town: a step failed:", error);
    }
  }

  #commit<T>(work: (tx: Tx) => T): T {
    const { config } = this.#ports;
    const commit = (): { value: T; changes: Changes } => {
      const tx = new Tx(this.#cache.sql, this.#ports, this.#ports.now());
      const value = work(tx);
      const timing = { ...config, sleepAfterMs: tx.town.sleepAfterMs };
      tx.container = settle(tx.container, this.#cache.isActive, timing, tx.now);
      noteSummary(tx, this.#cache.standing);
      tx.flush();
      this.#ports.arm(nextWake(this.#cache.facts(tx.town, tx.container), config, tx.now)?.at ?? null);
      return { value, changes: tx.changes };
    };
    try {
      const { value, changes } = this.#ports.transaction(commit);
      this.#pages.publish(changes, () => this.#seen());
      return value;
    } catch (error) {
      this.#cache.clear();
      throw error;
    }
  }

  #rearm(): void {
    this.#ports.arm(this.#seen().wake?.at ?? null);
  }
}
