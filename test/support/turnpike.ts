import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { eventually } from "./eventually.ts";

/** The way from containers to the Worker, on which answers can be held up. */
export interface Turnpike extends AsyncDisposable {
  /** For `CURFEW_URL`. */
  readonly url: string;
  /** From now on, answers to requests whose body holds the text wait here: the Worker has done its part. */
  hold(text: string): void;
  /** Resolves when an answer waits. */
  reached(): Promise<void>;
  /** Lets all answers pass. */
  open(): void;
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** @param port where the Worker will be */
export const startTurnpike = async (port: number): Promise<Turnpike> => {
  let held: string | null = null;
  let waiting = 0;
  let opened = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();

  const forward = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const body = await bodyOf(from);
    const isHeld = held !== null && body.includes(held);
    const { method, url: path, headers } = from;
    const out = request({ host: "127.0.0.1", port, method, path, headers });
    out.end(body);
    const [answer] = (await once(out, "response")) as [IncomingMessage];
    const answered = isHeld ? await bodyOf(answer) : null;
    if (answered) {
      waiting += 1;
      await opened.promise;
    }
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    if (answered) to.end(answered);
    else answer.pipe(to).on("error", () => to.destroy());
    answer.on("error", () => to.destroy());
  };

  const server = createServer((from, to) => {
    // As a line that breaks: whoever asked must find out by itself.
    forward(from, to).catch(() => to.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (from, socket: Socket, head) => {
    const out = connect(port, "127.0.0.1");
    const lines = [`${from.method} ${from.url} HTTP/1.1`];
    for (let i = 0; i < from.rawHeaders.length; i += 2) {
      lines.push(`${from.rawHeaders[i]}: ${from.rawHeaders[i + 1]}`);
    }
    out.write(`${lines.join("\r\n")}\r\n\r\n`);
    out.write(head);
    out.pipe(socket).pipe(out);
    for (const end of [out, socket]) {
      end.on("error", () => {});
      end.once("close", () => (end === out ? socket : out).destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (text) => {
      held = text;
      waiting = 0;
      opened = Promise.withResolvers<void>();
    },
    reached: async () => {
      await eventually(
        "an answer that is held",
        () => waiting,
        (count) => count > 0,
      );
    },
    open: () => {
      held = null;
      opened.resolve();
    },
    [Symbol.asyncDispose]: async () => {
      opened.resolve();
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
};
