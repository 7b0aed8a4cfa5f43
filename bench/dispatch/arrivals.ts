/** How the door of the container begins the line that tells of a request. */
export const ARRIVED = "arrived";

interface Waiting {
  readonly path: string;
  readonly arrived: (at: bigint) => void;
}

/** When requests arrived at the container, by the machine's monotonic clock. */
export class Arrivals {
  #waiting: readonly Waiting[] = [];

  /** A line that the container printed. */
  heard(line: string): void {
    const [, path, at] = new RegExp(`${ARRIVED} (\\S+) (\\d+)$`).exec(line) ?? [];
    if (path === undefined || at === undefined) return;
    const meant = this.#waiting.find((waiting) => waiting.path === path);
    this.#waiting = this.#waiting.filter((waiting) => waiting !== meant);
    meant?.arrived(BigInt(at));
  }

  /** Milliseconds from now until the next request to `path` arrives, sent by `send`. */
  async after(path: string, send: () => Promise<unknown>): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<bigint>();
    this.#waiting = [...this.#waiting, { path, arrived: resolve }];
    const began = process.hrtime.bigint();
    const sent = send();
    const arrived = await promise;
    await sent;
    return Number(arrived - began) / 1e6;
  }
}
