import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** One socket that a page opened. */
interface Visit {
  /** Path and query that it asked for. */
  readonly url: string;
  readonly send: (frame: unknown) => void;
  readonly close: (code: number) => void;
  /** Cuts the connection without a word. */
  readonly cut: () => void;
}

export interface RoomServer extends AsyncDisposable {
  /** `ws://…` */
  readonly origin: string;
  /** The next socket that is opened, or was and nobody asked for yet. */
  readonly visit: () => Promise<Visit>;
}

/** Real sockets on loopback, served by hand. */
export const startRoomServer = async (): Promise<RoomServer> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const visits: Visit[] = [];
  const waiting: ((visit: Visit) => void)[] = [];
  server.on("connection", (socket: WebSocket, { url = "" }) => {
    const visit: Visit = {
      url,
      send: (frame) => socket.send(JSON.stringify(frame)),
      close: (code) => socket.close(code),
      cut: () => socket.terminate(),
    };
    const next = waiting.shift();
    if (next) next(visit);
    else visits.push(visit);
  });
  return {
    origin: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visit: () => {
      const visit = visits.shift();
      return visit ? Promise.resolve(visit) : new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
};
