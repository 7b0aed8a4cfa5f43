import type { Connection, ConnectionContext, WSMessage } from "partyserver";
import { Agent as AgentDomain } from "../src/agent/agent.ts";
import { AGENT_MIGRATIONS } from "../src/agent/schema.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import type { NewMessage } from "../src/protocol/message.ts";
import type { PageQuery } from "../src/protocol/page.ts";
import type { AgentCharter, AgentRpc, AgentWord } from "../src/rooms/agent.ts";
import { kvOf, sqlOf } from "./adapters/storage.ts";
import { rooms } from "../src/rooms/rooms.ts";
import { parsePeer } from "./peer.ts";
import { Room } from "./room.ts";

const CONTAINER = "container";
const VIEWER = "viewer";

/** What a container's connection remembers: the life that its token names. */
interface LinkState {
  readonly life: number;
}

/** An agent's room: transcript and inbox. Thin: the thinking is `src/agent`'s. */
export class Agent extends Room<AgentCharter, "sockets"> implements AgentRpc {
  protected override readonly finalizers = ["sockets"] as const;
  protected override readonly nothing = {};
  #agent: AgentDomain | null = null;

  protected override get migrations() {
    return AGENT_MIGRATIONS;
  }

  protected alive(): AgentDomain {
    const charter = this.living();
    const { storage } = this.ctx;
    this.#agent ??= new AgentDomain({
      sql: sqlOf(storage),
      kv: kvOf(storage),
      agent: charter.agent,
      transaction: (work) =>
        storage.transactionSync(() => {
          this.living();
          return work();
        }),
      now: () => Date.now(),
      arm: (at) => this.arm(at),
      background: (work) => this.ctx.waitUntil(work),
      town: { take: (message) => rooms(this.env).town(charter.town).take(message) },
      viewers: {
        any: () => this.hasPeers(VIEWER),
        send: (text) => this.sendTo(VIEWER, text),
      },
    });
    return this.#agent;
  }

  protected override onFound(): void {
    AgentDomain.create({ sql: sqlOf(this.ctx.storage), kv: kvOf(this.ctx.storage) });
  }

  protected override onDying(): void {
    this.#agent = null;
  }

  protected override wake() {
    return this.alive().wake();
  }

  override async onAlarm(): Promise<void> {
    await this.alive().onAlarm();
  }

  // ---- RPC

  say(message: NewMessage) {
    return this.answer(() => this.alive().say(message));
  }
  transcript(after: number | null, query: PageQuery) {
    return this.answer(() => this.alive().transcript(after, query));
  }
  told(word: AgentWord) {
    return this.answer(() => this.alive().told(word));
  }
  history() {
    return this.answer(() => this.alive().history());
  }

  // ---- sockets: pages that watch, and the control server for this agent's process

  override getConnectionTags(_connection: Connection, ctx: ConnectionContext): string[] {
    return [parsePeer(this.peerOf(ctx)).role === "container" ? CONTAINER : VIEWER];
  }

  override onConnect(connection: Connection, ctx: ConnectionContext): void {
    const peer = parsePeer(this.peerOf(ctx));
    this.greet(connection, () => {
      if (peer.role === "container") connection.setState({ life: peer.life } satisfies LinkState);
      else connection.send(this.alive().snapshot(this.afterOf(ctx)));
    });
  }

  override onMessage(connection: Connection<LinkState>, message: WSMessage): void {
    if (!connection.tags.includes(CONTAINER)) {
      connection.close(CloseCode.badMessage, "nothing is expected here");
      return;
    }
    const answer = this.alive().linkFrame(message as string | ArrayBuffer, connection.state?.life ?? 0);
    if (typeof answer === "number") connection.close(answer, "not taken");
    else connection.send(JSON.stringify(answer));
  }

  // ---- the end

  protected override async finalize(_step: "sockets"): Promise<string> {
    return this.closeSockets();
  }

  protected override describeEnd() {
    return {};
  }

  /** The town that ends it waits for its receipt; there is nobody else to tell. */
  protected override async lastWords(): Promise<void> {}
}
