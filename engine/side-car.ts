import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { text } from "node:stream/consumers";
import * as v from "valibot";
import { EgressBody } from "./calls.ts";
import { EngineRefusal } from "./refusal.ts";

/** What a container listens on in the cloud and in Docker; here it stands for the port it was given. */
const INNER_PORT = 8080;

const NOT_LISTENING = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const TUNNEL = "HTTP/1.1 200 OK\r\n\r\n";

/** What a side car needs of its engine. */
interface SideCarPorts {
  /** Where the container that it serves listens at present; `null` if it doesn't run. */
  readonly findPort: () => number | null;
  readonly log: (line: string) => void;
}

/** The port of `X-Dst-Addr: 127.0.0.1:8080`, which says what the tunnel is to reach. */
const wantedPort = (request: IncomingMessage): number => {
  const address = request.headers["x-dst-addr"];
  return typeof address === "string" ? Number(address.slice(address.lastIndexOf(":") + 1)) : NaN;
};

/**
 * The container beside a container, through which workerd reaches it: workerd never dials a
 * container's port but asks here for a tunnel. Its other half, what a container may reach, can't be
 * had from plain processes: it is taken in and not enforced.
 */
export class SideCar {
  readonly name: string;
  readonly image: string;
  readonly #engine: SideCarPorts;
  readonly #tunnels = new Set<Duplex>();
  #server: Server | null = null;

  constructor(name: string, image: string, engine: SideCarPorts) {
    this.name = name;
    this.image = image;
    this.#engine = engine;
  }

  /** Where it listens on loopback; `null` before its start. */
  get port(): number | null {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address?.port ?? null;
  }

  /** @returns `false` if it runs already */
  async start(): Promise<boolean> {
    if (this.#server) return false;
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#open(request, socket, head),
    );
    this.#server = server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.once("close", () => reject(new EngineRefusal(409, `${this.name} is being removed`)));
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return true;
  }

  /** Cuts every tunnel. */
  async remove(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    for (const socket of this.#tunnels) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    server.closeAllConnections();
    await promise;
  }

  #open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#tunnels.add(socket);
    socket.once("close", () => this.#tunnels.delete(socket));
    socket.on("error", () => socket.destroy());

    const port = wantedPort(request) === INNER_PORT ? this.#engine.findPort() : null;
    if (port === null) {
      socket.end(NOT_LISTENING);
      return;
    }
    const inner: Socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const refuse = () => socket.end(NOT_LISTENING);
    inner.once("error", refuse);
    socket.once("close", () => inner.destroy());
    inner.once("connect", () => {
      inner.off("error", refuse);
      inner.setNoDelay(true);
      socket.write(TUNNEL);
      inner.write(head);
      // An end is handed on in its own direction only; an error or a close ends both.
      pipeline(socket, inner, socket, () => {
        socket.destroy();
        inner.destroy();
      });
    });
  }

  /** `PUT /egress` says what the container may reach, `GET /ca` asks for the key that opens its TLS. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => "");
    switch (`${request.method} ${request.url}`) {
      case "PUT /egress":
        response.statusCode = this.#limitEgress(body) ? 200 : 400;
        break;
      case "GET /ca":
        response.statusCode = 200;
        break;
      default:
        response.statusCode = 404;
    }
    response.end();
  }

  #limitEgress(body: string): boolean {
    const limits = v.safeParse(EgressBody, body);
    if (limits.success && limits.output.internet?.enabled === false) {
      this.#engine.log(`${this.name}: a container without internet was asked for; it has it anyway`);
    }
    return limits.success;
  }
}
