import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import * as v from "valibot";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type AgentEvent, AgentUp } from "../../../src/protocol/container/agent-up.ts";
import { type TownEvent, TownUp } from "../../../src/protocol/container/town-up.ts";
import { ToolTown } from "./town-tools.ts";
import { until } from "./until.ts";

export const TOWN = "taaaaaaaaaaaaaaaaaaaa";
export const CONTAINER_TOKEN = "container-token-abcdef";
export const AGENT_TOKEN = "agent-token";

/** What a room has taken of one boot. */
interface Taken {
  readonly boot: string;
  readonly n: number;
}

/**
 * The Worker as a container sees it: rooms behind WebSockets that take every event once and in order,
 * and the town's tools. Whatever does not fit the protocol is thrown.
 */
export class Home {
  readonly app = new Hono();
  readonly tools = new ToolTown();
  readonly hellos: (TownUp & { type: "hello" })[] = [];
  readonly events: TownEvent[] = [];
  /** Everything that came, in the order of arrival: `town turned`, `polecat-1 text`. */
  readonly arrivals: string[] = [];
  readonly agents = new Map<string, AgentEvent[]>();
  /** Whether rooms acknowledge what they take. */
  acknowledges = true;
  /** Whether the town answers an intent. */
  records = true;
  readonly #taken = new Map<string, Taken>();
  readonly #sockets = new Map<WebSocket, string>();
  readonly #server = new WebSocketServer({ noServer: true });
  url = "";

  static async open(): Promise<Home> {
    const home = new Home();
    home.app.all("/mcp", (c) => home.tools.handler(AGENT_TOKEN, "mayor")(c.req.raw));
    const address = await new Promise<AddressInfo>((resolve) => {
      const server = serve({ fetch: home.app.fetch, port: 0, hostname: "127.0.0.1" }, resolve);
      home.#upgrades(server);
    });
    home.url = `http://127.0.0.1:${address.port}`;
    return home;
  }

  /** The first event that `fits`, as soon as it is there. */
  event<T extends TownEvent["type"]>(
    type: T,
    fits: (event: TownEvent & { type: T }) => boolean = () => true,
  ): Promise<TownEvent & { type: T }> {
    return until(() =>
      this.events.find(
        (event): event is TownEvent & { type: T } => event.type === type && fits(event as never),
      ),
    );
  }

  /** The result of a run's turn. */
  async turned(runId: string) {
    return (await this.event("turned", (event) => event.runId === runId)).result;
  }

  textOf(agent: string): string {
    const events = this.agents.get(agent) ?? [];
    return events.map((event) => (event.type === "text" ? event.append : "")).join("");
  }

  /** Breaks all connections without a word. */
  cut(): void {
    for (const socket of this.#sockets.keys()) socket.terminate();
  }

  /** Closes the rooms' sockets with a code. */
  close(code: number, room = `town/${TOWN}`): void {
    for (const [socket, name] of this.#sockets) if (name === room) socket.close(code);
  }

  connected(room: string): boolean {
    return [...this.#sockets.values()].includes(room);
  }

  send(frame: unknown): void {
    for (const [socket, name] of this.#sockets) {
      if (name === `town/${TOWN}`) socket.send(JSON.stringify(frame));
    }
  }

  #upgrades(server: ServerType): void {
    server.on("upgrade", (request: IncomingMessage, socket, head) => {
      const room = request.url?.replace(/^\/parties\//, "") ?? "";
      if (request.headers.authorization !== `Bearer ${CONTAINER_TOKEN}`) return void socket.destroy();
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#connected(webSocket, room));
    });
    onTestFinished(() => {
      this.cut();
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  }

  #connected(socket: WebSocket, room: string): void {
    this.#sockets.set(socket, room);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("message", (data) => {
      const text = (data as Buffer).toString();
      if (text === "ping") socket.send("pong");
      else this.#received(socket, room, JSON.parse(text));
    });
  }

  #received(socket: WebSocket, room: string, json: unknown): void {
    const agent = /^agent\/t[a-z2-7]{20}\.(.+)$/.exec(room)?.[1];
    const answer = (down: unknown): void => socket.send(JSON.stringify(down));
    const frame = agent === undefined ? this.#ofTown(json, answer) : this.#ofAgent(agent, json);
    if (frame.type === "event") {
      if (this.acknowledges) answer({ type: "ack", n: frame.n });
    } else answer({ type: "welcome", version: 1, after: this.#after(room, frame.boot), cancel: [] });
  }

  #ofTown(json: unknown, answer: (down: unknown) => void): TownUp {
    const frame = v.parse(TownUp, json);
    if (frame.type === "hello") this.hellos.push(frame);
    else if (this.#isNew(`town/${TOWN}`, frame)) {
      this.arrivals.push(`town ${frame.event.type}`);
      this.events.push(frame.event);
      if (frame.event.type === "intent" && this.records) {
        answer({ type: "recorded", runId: frame.event.runId, commit: frame.event.commit });
      }
    }
    return frame;
  }

  #ofAgent(agent: string, json: unknown): AgentUp {
    const frame = v.parse(AgentUp, json);
    if (frame.type === "event" && this.#isNew(`agent/${TOWN}.${agent}`, frame)) {
      this.arrivals.push(`${agent} ${frame.event.type}`);
      this.agents.set(agent, [...(this.agents.get(agent) ?? []), frame.event]);
    }
    return frame;
  }

  #after(room: string, boot: string): number {
    const taken = this.#taken.get(room);
    return taken?.boot === boot ? taken.n : 0;
  }

  #isNew(room: string, { boot, n }: Taken): boolean {
    const after = this.#after(room, boot);
    if (n > after + 1) throw new Error(`${room}: ${n} came after ${after}`);
    if (n <= after) return false;
    this.#taken.set(room, { boot, n });
    return true;
  }
}
