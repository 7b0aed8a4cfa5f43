import type { Connection, ConnectionContext, WSMessage } from "partyserver";
import { mint } from "../src/auth/token.ts";
import { readConfig } from "../src/config.ts";
import { count } from "../src/count.ts";
import { withDeadline } from "../src/deadline.ts";
import { d1Ledger } from "../src/ledger/ledger.ts";
import type { FinalizerName } from "../src/lifecycle/finalizer.ts";
import { RoomGone } from "../src/lifecycle/gone.ts";
import type { Receipt } from "../src/lifecycle/receipt.ts";
import type { Vital } from "../src/lifecycle/vital.ts";
import type { NewBead } from "../src/protocol/bead.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import type { AgentName } from "../src/protocol/primitives.ts";
import type { NewRig } from "../src/protocol/rig.ts";
import type { SettingsPatch } from "../src/protocol/settings.ts";
import { containerOf } from "../src/rooms/container-of.ts";
import { rooms } from "../src/rooms/rooms.ts";
import type { Caller, Handover, Settlement, TownCharter, TownRpc } from "../src/rooms/town.ts";
import type { ContainerTruth } from "../src/rooms/container.ts";
import type { ModelSettings, TownPorts } from "../src/town/ports.ts";
import { endOfTown, rosterOf, strikeOff, type RosterEntry } from "../src/town/end.ts";
import { awaitPurge, STILL_RUNS } from "../src/town/container/purged.ts";
import { createTown } from "../src/town/create.ts";
import { TOWN_MIGRATIONS } from "../src/town/features.ts";
import { Town as TownDomain } from "../src/town/town.ts";
import { newId } from "./adapters/new-id.ts";
import { kvOf, sqlOf } from "./adapters/storage.ts";
import { parsePeer } from "./peer.ts";
import { Room } from "./room.ts";

const CONTAINER = "container";
const VIEWER = "viewer";
/** Agents that are ended at once. */
const CHILDREN_AT_ONCE = 20;
/** An agent that doesn't confirm its end in this time is asked again by the next try. */
const CHILD_MS = 15_000;
const PURGE_DEADLINE_MS = 25_000;
const LEDGER_MS = 10_000;

/** What a container's connection remembers. */
interface LinkState {
  readonly life: number;
  readonly openedAt: number;
}

/** A town. Thin: the gate is {@link Room}'s, the thinking is `src/town`'s. */
export class Town extends Room<TownCharter> implements TownRpc {
  protected override readonly finalizers = ["sockets", "container", "children", "self"] as const;
  #town: TownDomain | null = null;

  protected override get migrations() {
    return TOWN_MIGRATIONS;
  }

  protected alive(): TownDomain {
    const charter = this.living();
    this.#town ??= new TownDomain(this.#ports(charter));
    return this.#town;
  }

  protected override onFound(charter: TownCharter): void {
    createTown(this.#ports(charter));
  }

  protected override async onBorn(): Promise<void> {
    await this.alive().foundMayor();
  }

  protected override onDying(): void {
    this.#town = null;
  }

  protected override wake() {
    return this.alive().wake();
  }

  override async onAlarm(): Promise<void> {
    await this.alive().onAlarm();
  }

  // ---- RPC

  describe() {
    return this.answer(() => this.alive().describe());
  }
  configure(patch: SettingsPatch) {
    return this.answer(() => this.alive().configure(patch));
  }
  addRig(rig: NewRig) {
    return this.answer(() => this.alive().addRig(rig));
  }
  rigs() {
    return this.answer(() => this.alive().rigs());
  }
  removeRig(name: string) {
    return this.answer(() => this.alive().removeRig(name));
  }
  sling(order: NewBead) {
    return this.answer(() => this.alive().sling(order));
  }
  beads() {
    return this.answer(() => this.alive().beads());
  }
  bead(id: string) {
    return this.answer(() => this.alive().bead(id));
  }
  cancelBead(id: string) {
    return this.answer(() => this.alive().cancelBead(id));
  }
  retryBead(id: string) {
    return this.answer(() => this.alive().retryBead(id));
  }
  diff(id: string) {
    return this.answer(() => this.alive().diff(id));
  }
  gates(id: string) {
    return this.answer(() => this.alive().gates(id));
  }
  beadRuns(id: string) {
    return this.answer(() => this.alive().beadRuns(id));
  }
  agents() {
    return this.answer(() => this.alive().agents());
  }
  agent(name: string) {
    return this.answer(() => this.alive().agent(name));
  }
  activity(after: number) {
    return this.answer(() => this.alive().activity(after));
  }
  cancelTurn(agent: AgentName) {
    return this.answer(() => this.alive().cancelTurn(agent));
  }
  take(message: Handover) {
    return this.answer(() => this.alive().take(message));
  }
  identify(caller: Caller) {
    return this.answer(() => this.alive().identify(caller));
  }
  declareNoChange(caller: Caller, reason: string) {
    return this.answer(() => this.alive().declareNoChange(caller, reason));
  }
  admit(caller: Caller) {
    return this.answer(() => this.alive().admit(caller));
  }
  settle(settlement: Settlement) {
    return this.answer(() => this.alive().settle(settlement));
  }
  containerStopped(life: number, exit: Extract<ContainerTruth, { running: false }>) {
    return this.answer(() => this.alive().containerStopped(life, exit));
  }
  mayRun(life: number) {
    return this.answer(() => this.alive().mayRun(life));
  }

  // ---- sockets: pages that watch, and the container

  override getConnectionTags(_connection: Connection, ctx: ConnectionContext): string[] {
    return [parsePeer(this.peerOf(ctx)).role === "container" ? CONTAINER : VIEWER];
  }

  override onConnect(connection: Connection, ctx: ConnectionContext): void {
    const peer = parsePeer(this.peerOf(ctx));
    this.greet(connection, () => {
      if (peer.role === "container") this.#linkOpened(connection, peer.life);
      else connection.send(this.alive().snapshot(this.afterOf(ctx)));
    });
  }

  #linkOpened(connection: Connection, life: number): void {
    const refused = this.alive().linkOpened(life);
    if (refused !== null) {
      connection.close(refused.close, refused.reason);
      return;
    }
    // A container has one socket here: an older one is what was left when it was cut.
    for (const other of this.getConnections<LinkState>(CONTAINER))
      if (other.id !== connection.id) other.close(1000, "replaced");
    connection.setState({ life, openedAt: Date.now() } satisfies LinkState);
  }

  override onMessage(connection: Connection<LinkState>, message: WSMessage): void {
    if (!connection.tags.includes(CONTAINER))
      connection.close(CloseCode.badMessage, "nothing is expected here");
    else if (this.alive().mayRun(connection.state?.life ?? 0))
      this.alive().linkFrame(message as string | ArrayBuffer);
    // It outlived its life, and what it says now is of no container that this town knows.
    else connection.close(CloseCode.gone, "this life of the container is over");
  }

  override onClose(connection: Connection<LinkState>): void {
    const life = connection.state?.life;
    if (!connection.tags.includes(CONTAINER) || life === undefined) return;
    for (const other of this.getConnections<LinkState>(CONTAINER))
      if (other.id !== connection.id && other.state?.life === life) return;
    this.alive().linkClosed(life);
  }

  // ---- the end

  protected override async finalize(step: FinalizerName, vital: Vital<TownCharter>): Promise<string> {
    switch (step) {
      case "sockets":
        return this.closeSockets();
      case "container":
        return this.#endContainer();
      case "children":
        return this.#endChildren(vital);
      case "self":
        throw new Error("`self` is the room's own");
    }
  }

  async #endContainer(): Promise<string> {
    const kv = kvOf(this.ctx.storage);
    const { life, exit } = endOfTown(sqlOf(this.ctx.storage), kv);
    // Never addressed: addressing it now would only leave a trace.
    if (life === 0) return "never started";
    const { town } = this.#charter();
    const truth = await withDeadline(containerOf(this.env, town).kill(life), PURGE_DEADLINE_MS);
    if (truth.running) throw new Error(STILL_RUNS);
    await awaitPurge(withDeadline(containerOf(this.env, town).purge(), PURGE_DEADLINE_MS));
    const detail = truth.reason === "it is not running" ? (exit ?? truth.reason) : truth.reason;
    // A try that was given up may end when only the tombstone is left.
    if (this.vital.state === "dying") kv.put("container-exit", detail);
    return detail;
  }

  async #endChildren(vital: Vital<TownCharter>): Promise<string> {
    const sql = sqlOf(this.ctx.storage);
    const { town } = this.#charter();
    const cause = vital.state === "dying" ? vital.cause : "its town is gone";
    const end = async (child: RosterEntry): Promise<void> => {
      const asked = rooms(this.env).agent(town, child.name).destroy({ cause });
      const receipt = await withDeadline(asked, CHILD_MS);
      if (receipt.state !== "gone") throw new Error(`${child.name} is still closing`);
      strikeOff(sql, child.name);
    };
    // To the end of the roster, whatever fails: an agent that can't be ended holds up none that can.
    let failed: PromiseRejectedResult | undefined;
    for (let after = ""; ;) {
      const roster = rosterOf(sql, after, CHILDREN_AT_ONCE);
      const last = roster.at(-1);
      if (last === undefined) break;
      const ended = await Promise.allSettled(roster.map(end));
      failed ??= ended.find((result) => result.status === "rejected");
      after = last.name;
    }
    if (failed) throw failed.reason;
    return count(endOfTown(sql, kvOf(this.ctx.storage)).agents, "agent");
  }

  protected override describeEnd(): Partial<Receipt> {
    const kv = kvOf(this.ctx.storage);
    const { agents, branches } = endOfTown(sqlOf(this.ctx.storage), kv);
    return { agents, branches, containerExit: kv.get<string>("container-exit") ?? null };
  }

  protected override async lastWords(receipt: Receipt, charter: TownCharter): Promise<void> {
    const told = await rooms(this.env).user(charter.owner).noteReceipt(charter.town, receipt);
    if (told.ok) return;
    if (told.problem.kind !== "gone" && told.problem.kind !== "not-found")
      throw new Error(`the owner did not take the receipt: ${told.problem.detail}`);
    // An owner who is gone needs no word. The ledger keeps the receipt then, but it must hold up no end.
    const { town, owner, name } = charter;
    const row = { id: town, owner, name, state: "closing", changedAt: Date.now() } as const;
    await withDeadline(d1Ledger(this.env.LEDGER).put(row, receipt), LEDGER_MS).catch((error: unknown) =>
      console.error(`the ledger did not take the receipt of ${town}:`, error),
    );
  }

  // ---- ports

  #charter(): TownCharter {
    const vital = this.vital;
    if (vital.state === "alive" || vital.state === "dying") return vital.charter;
    throw new RoomGone(vital.state);
  }

  #ports(charter: TownCharter): TownPorts {
    const { storage } = this.ctx;
    const { env } = this;
    const { town } = charter;
    const config = readConfig(env);
    const start = async (life: number) => ({
      life,
      env: {
        CURFEW_URL: env.CURFEW_URL ?? "",
        CURFEW_TOWN: town,
        CURFEW_LIFE: String(life),
        CURFEW_BLOCK_LIMIT: `${config.blockLimitMs}ms`,
        CURFEW_LEASE: `${config.leaseMs}ms`,
        CURFEW_TOKEN: await mint(env.CURFEW_SECRET, { kind: "container", town, life }),
      },
    });
    const container = () => containerOf(env, town);
    return {
      sql: sqlOf(storage),
      kv: kvOf(storage),
      transaction: (work) =>
        storage.transactionSync(() => {
          if (this.vital.state !== "unborn") this.living();
          return work();
        }),
      now: () => Date.now(),
      newId,
      charter,
      config,
      defaultModel: defaultModel(env),
      localPaths: env.CURFEW_ENGINE === "process",
      container: {
        order: async (life, order) => container().order(await start(life), order),
        cancel: (life, run, fence) => container().cancelRun(life, run, fence),
        stop: (life) => container().halt(life),
        kill: (life) => container().kill(life),
      },
      agents: {
        found: (child) => rooms(env).agent(town, child.agent).found(child),
        tell: (agent, word) => rooms(env).agent(town, agent).told(word),
        destroy: async (agent, cause) =>
          (await rooms(env).agent(town, agent).destroy({ cause })).state === "gone",
        history: (agent) => rooms(env).agent(town, agent).history(),
      },
      owner: { tell: (summary) => rooms(env).user(charter.owner).noteSummary(summary) },
      link: {
        lastPingAt: (life) => this.#lastPingAt(life),
        send: (text) => this.sendTo(CONTAINER, text),
        close: (code, reason) => {
          for (const connection of this.getConnections(CONTAINER)) connection.close(code, reason);
        },
      },
      mintToken: (agent, role, process) =>
        mint(env.CURFEW_SECRET, { kind: "agent", town, agent, role, process }),
      arm: (at) => this.arm(at),
      background: (work) => this.ctx.waitUntil(work),
      viewers: {
        any: () => this.hasPeers(VIEWER),
        send: (text) => this.sendTo(VIEWER, text),
      },
    };
  }

  #lastPingAt(life: number): number | null {
    let last: number | null = null;
    for (const connection of this.getConnections<LinkState>(CONTAINER)) {
      if (connection.state?.life !== life) continue;
      const ping = this.ctx.getWebSocketAutoResponseTimestamp(connection)?.getTime() ?? 0;
      last = Math.max(last ?? 0, ping, connection.state.openedAt);
    }
    return last;
  }
}

/** The instance's model for towns that have none of their own. */
const defaultModel = (env: {
  readonly CURFEW_MODEL_BASE_URL?: string;
  readonly CURFEW_MODEL?: string;
  readonly CURFEW_MODEL_KEY?: string;
}): ModelSettings | null =>
  env.CURFEW_MODEL_BASE_URL && env.CURFEW_MODEL
    ? { baseUrl: env.CURFEW_MODEL_BASE_URL, model: env.CURFEW_MODEL, key: env.CURFEW_MODEL_KEY || null }
    : null;
