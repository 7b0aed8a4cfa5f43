import { Server } from "partyserver";
import type { Connection, ConnectionContext } from "partyserver";
import { count } from "../src/count.ts";
import type { Env } from "../src/env.ts";
import { RoomGone } from "../src/lifecycle/gone.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import { turnOut } from "./gate.ts";

/** What every room does with its sockets. */
export abstract class Sockets extends Server<Env> {
  /** The finalizer `sockets` of every room: the final code, so that nobody comes back. */
  protected closeSockets(): string {
    const sockets = this.ctx.getWebSockets();
    for (const ws of sockets) turnOut(ws, { kind: "gone" });
    return count(sockets.length, "socket");
  }

  /** A connection's role and other facts, which the Worker set in a header that clients can't. */
  protected peerOf(ctx: ConnectionContext): string {
    return ctx.request.headers.get("x-curfew-peer") ?? "";
  }

  /** Sends to every open connection with the tag. */
  protected sendTo(tag: string, text: string): void {
    for (const connection of this.getConnections(tag) as Iterable<Connection>) {
      try {
        connection.send(text);
      } catch {
        // It is closing; its close event follows.
      }
    }
  }

  /** Pings are answered by the runtime, without waking the room; the time of the last one is kept. */
  #answerPings(): void {
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Greets a new connection; a fault closes it with a code, for PartyServer would send the stack. */
  protected greet(connection: Connection, greet: () => void): void {
    try {
      this.#answerPings();
      greet();
    } catch (error) {
      if (error instanceof RoomGone) {
        connection.close(CloseCode.gone, "gone");
        return;
      }
      console.error(`${this.constructor.name} ${this.name} connect:`, error);
      connection.close(CloseCode.tryAgain, "try again");
    }
  }

  /** Where a page's socket resumes: `?after=<seq>`. */
  protected afterOf(ctx: ConnectionContext): number | null {
    const after = Number(new URL(ctx.request.url).searchParams.get("after") ?? Number.NaN);
    return Number.isSafeInteger(after) && after > 0 ? after : null;
  }

  protected hasPeers(tag: string): boolean {
    return this.ctx.getWebSockets(tag).length > 0;
  }
}
