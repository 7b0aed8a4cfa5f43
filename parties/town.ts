import type { Connection, ConnectionContext, WSMessage } from "partyserver";
import { d1Ledger } from "../src/ledger/ledger.ts";
import type { AgentStatus } from "../src/protocol/agent.ts";
import type { BeadStatus, NewBead } from "../src/protocol/bead.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import type { PageQuery } from "../src/protocol/page.ts";
import type { AgentName } from "../src/protocol/primitives.ts";
import type { Receipt } from "../src/protocol/receipt.ts";
import type { NewRig, RigState } from "../src/protocol/rig.ts";
import type { RunState } from "../src/protocol/run.ts";
import type { SettingsPatch } from "../src/protocol/settings.ts";
import { containerOf } from "../src/rooms/container-of.ts";
import { rooms } from "../src/rooms/rooms.ts";
import type { Caller, Handover, Settlement, TownCharter, TownRpc } from "../src/rooms/town.ts";
import type { ContainerTruth } from "../src/rooms/container.ts";
import type { TownPorts } from "../src/town/ports.ts";
import { endAgents } from "../src/town/end/agents.ts";
import { endContainer } from "../src/town/end/container.ts";
import { NOTHING_TOLD, toldOf, TOWN_STEPS, type TownStep, type TownTold } from "../src/town/end/known.ts";
import { lastWords } from "../src/town/end/last-words.ts";
import { createTown } from "../src/town/create.ts";
import { TOWN_MIGRATIONS } from "../src/town/features.ts";
import { Town as TownDomain } from "../src/town/town.ts";
import { kvOf, sqlOf } from "./adapters/storage.ts";
import { destroyAgent, townPeers } from "./adapters/town-peers.ts";
import { parsePeer } from "./peer.ts";
import { Room, type Dying } from "./room.ts";

const CONTAINER = "container";
const VIEWER = "viewer";

/** What a container's connection remembers. */
interface LinkState {
  readonly life: number;
  readonly openedAt: number;
}

/** A town. Thin: the gate is {@link Room}'s, the thinking is `src/town`'s. */
export class Town extends Room<TownCharter, TownStep, TownTold> implements TownRpc {
  protected override readonly finalizers = TOWN_STEPS;
  protected override readonly nothing = NOTHING_TOLD;
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
  rigs(query: PageQuery<RigState>) {
    return this.answer(() => this.alive().rigs(query));
  }
  removeRig(name: string) {
    return this.answer(() => this.alive().removeRig(name));
  }
  sling(order: NewBead) {
    return this.answer(() => this.alive().sling(order));
  }
  beads(query: PageQuery<BeadStatus>) {
    return this.answer(() => this.alive().beads(query));
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
  gates(id: string, query: PageQuery) {
    return this.answer(() => this.alive().gates(id, query));
  }
  gate(id: string, gate: string) {
    return this.answer(() => this.alive().gate(id, gate));
  }
  beadRuns(id: string, query: PageQuery<RunState>) {
    return this.answer(() => this.alive().beadRuns(id, query));
  }
  agents(query: PageQuery<AgentStatus>) {
    return this.answer(() => this.alive().agents(query));
  }
  agent(name: string) {
    return this.answer(() => this.alive().agent(name));
  }
  activity(after: number, query: PageQuery) {
    return this.answer(() => this.alive().activity(after, query));
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

  protected override async finalize(step: TownStep, { charter, cause }: Dying<TownCharter>) {
    const storage = { sql: sqlOf(this.ctx.storage), kv: kvOf(this.ctx.storage) };
    const container = () => containerOf(this.env, charter.town);
    switch (step) {
      case "sockets":
        return this.closeSockets();
      case "container":
        return endContainer({
          ...storage,
          kill: (life) => container().kill(life),
          purge: () => container().purge(),
          isDying: () => this.vital.state === "dying",
        });
      case "children":
        return endAgents({
          ...storage,
          destroy: (agent) => destroyAgent(this.env, charter.town, agent, cause),
        });
    }
  }

  protected override describeEnd() {
    return toldOf(sqlOf(this.ctx.storage), kvOf(this.ctx.storage));
  }

  protected override lastWords(receipt: Receipt, { town, owner, name }: TownCharter): Promise<void> {
    const tellOwner = (told: Receipt) => rooms(this.env).user(owner).noteReceipt(town, told);
    const keep = (told: Receipt) =>
      d1Ledger(this.env.LEDGER).put({ id: town, owner, name, state: "closing", changedAt: Date.now() }, told);
    return lastWords({ tellOwner, keep }, receipt);
  }

  // ---- ports

  #ports(charter: TownCharter): TownPorts {
    const { storage } = this.ctx;
    return {
      ...townPeers(this.env, charter),
      sql: sqlOf(storage),
      kv: kvOf(storage),
      transaction: (work) =>
        storage.transactionSync(() => {
          if (this.vital.state !== "unborn") this.living();
          return work();
        }),
      link: {
        lastPingAt: (life) => this.#lastPingAt(life),
        send: (text) => this.sendTo(CONTAINER, text),
        close: (code, reason) => {
          for (const connection of this.getConnections(CONTAINER)) connection.close(code, reason);
        },
      },
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
