import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what Linux (32768) and macOS (49152) give out by themselves, so that nobody gets one by chance. */
const FIRST = 20_000;
const LAST = 31_999;
const TRIES = 100;

const isFree = (port: number): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
};

/** Gives out loopback ports; a port is nobody else's until it is given back. */
export class Ports {
  readonly #given = new Set<number>();

  /** @throws if none is found */
  async take(): Promise<number> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const port = randomInt(FIRST, LAST + 1);
      if (this.#given.has(port)) continue;
      this.#given.add(port);
      if (await isFree(port)) return port;
      this.#given.delete(port);
    }
    throw new Error(`no free port between ${FIRST} and ${LAST}`);
  }

  giveBack(port: number): void {
    this.#given.delete(port);
  }
}
