import ReconnectingWebSocket from "partysocket/ws";
import { isFinalClose } from "../../src/protocol/close-codes.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Dial, Line, LineHandlers } from "./line.ts";

const PING_EVERY_MS = 5000;
const PINGS_A_LEASE = 3;
const CONNECT_WITHIN_MS = 10_000;
const MAX_DELAY_MS = 10_000;

/** Where and as whom to connect. `random` is in [0, 1). */
export interface DialOptions {
  /** The Worker's address, http or https. */
  readonly url: string;
  readonly token: string;
  readonly random: () => number;
  readonly pingEveryMs: number;
}

/** Often enough for the Town to have heard of us whenever it looks, also if one is late. */
export const pingEvery = (leaseMs: number): number => Math.min(PING_EVERY_MS, leaseMs / PINGS_A_LEASE);

/** The address of `path` below `base`, keeping a path that `base` has. */
export const below = (base: string, path: string): URL =>
  new URL(path, base.endsWith("/") ? base : `${base}/`);

const socketAddress = (base: string, path: string): string => below(base, path).href.replace(/^http/, "ws");

/** Dials with partysocket, the bearer token in a header (never in the URL), and pings. */
export const createDial = (options: DialOptions): Dial => {
  const { url, token, random, pingEveryMs } = options;

  class BearerSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${token}` } });
    }
  }

  return (path, handlers): Line => {
    const socket = new ReconnectingWebSocket(socketAddress(url, path), [], {
      WebSocket: BearerSocket,
      connectionTimeout: CONNECT_WITHIN_MS,
      minReconnectionDelay: 250 + random() * 500,
      maxReconnectionDelay: MAX_DELAY_MS,
      reconnectionDelayGrowFactor: 1.6,
      shouldReconnectOnClose: (event: { code: number }) => !isFinalClose(event.code),
    });
    return attach(socket, handlers, pingEveryMs);
  };
};

const attach = (socket: ReconnectingWebSocket, handlers: LineHandlers, pingEveryMs: number): Line => {
  const heartbeat = new Heartbeat();
  let open = false;
  let timer: NodeJS.Timeout | undefined;

  const stopped = (): void => {
    clearInterval(timer);
    if (open) handlers.lost();
    open = false;
  };

  socket.addEventListener("open", () => {
    heartbeat.pong();
    open = true;
    timer = setInterval(() => {
      if (heartbeat.beat() === "ping") socket.send("ping");
      else socket.reconnect();
    }, pingEveryMs);
    handlers.opened();
  });
  socket.addEventListener("message", (event) => {
    // Anything that is heard shows that the line lives; "pong" says nothing else.
    heartbeat.pong();
    if (event.data !== "pong") handlers.received(String(event.data));
  });
  socket.addEventListener("close", (event) => {
    stopped();
    if (isFinalClose(event.code)) handlers.ended(event.code);
  });

  return {
    send: (text) => void socket.send(text),
    close: () => {
      stopped();
      socket.close();
    },
  };
};
