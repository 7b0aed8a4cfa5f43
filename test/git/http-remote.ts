import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const REALM = { "www-authenticate": 'Basic realm="git"' };

/** Turns the head of a CGI answer into status and header lines. */
const pass = (head: string, response: ServerResponse): void => {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const [name = "", value = ""] = line.split(/: (.*)/s);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
};

/** A git server on loopback: the real `git http-backend` behind Basic authentication. */
export class HttpRemote {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #folder: string;
  readonly #password: string | null;
  /** Every `Authorization` header that came, by request. */
  readonly seen: string[] = [];
  /** A request whose URL fits is not answered as long as this is set. */
  hold: RegExp | null = null;
  /** Where requests are sent on to. */
  redirect: string | null = null;
  #held: (() => void) | null = null;

  constructor(folder: string, password: string | null) {
    this.#folder = folder;
    this.#password = password;
  }

  async open(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Resolves when the next request is held. */
  held(): Promise<void> {
    return new Promise((resolve) => {
      this.#held = resolve;
    });
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const { authorization } = request.headers;
    this.seen.push(`${authorization ?? "none"} ${request.method} ${url}`);
    if (this.redirect !== null) {
      response.writeHead(302, { location: this.redirect + url }).end();
      return;
    }
    const expected = `Basic ${Buffer.from(`x-access-token:${this.#password}`).toString("base64")}`;
    if (this.#password !== null && authorization !== expected) {
      response.writeHead(401, REALM).end();
      return;
    }
    if (this.hold?.test(url)) {
      this.#held?.();
      return;
    }
    await this.#backend(request, response, url);
  }

  async #backend(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const [path = "", query = ""] = url.split("?");
    const backend = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: this.#folder,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: decodeURIComponent(path),
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        // With a user named, it takes pushes.
        REMOTE_USER: "somebody",
        REMOTE_ADDR: "127.0.0.1",
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    backend.stdin.on("error", () => {});
    request.pipe(backend.stdin);
    let head: Buffer | null = Buffer.alloc(0);
    for await (const chunk of backend.stdout as AsyncIterable<Buffer>) {
      if (head === null) {
        response.write(chunk);
        continue;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) continue;
      pass(head.subarray(0, end).toString("utf8"), response);
      response.write(head.subarray(end + 4));
      head = null;
    }
    response.end();
  }
}
