import type { RunOrder } from "../../src/protocol/container/order.ts";

const PING_EVERY_MS = 5000;
const SIGTERM = 15;

const realSetTimeout = globalThis.setTimeout.bind(globalThis);
const realTurn = (): Promise<void> => new Promise((resolve) => void realSetTimeout(resolve, 0));

/** What the library asks of the machine below it; the part of `ctx.container` that it uses. */
interface Port {
  readonly running: boolean;
  start(options: { env?: Record<string, string> }): void;
  monitor(): Promise<void>;
  signal(number: number): void;
  destroy(): Promise<void>;
  getTcpPort(port: number): { fetch(url: string, init?: RequestInit): Promise<Response> };
}

/** From when to when a container ran. */
export interface Stay {
  readonly from: number;
  to: number | null;
}

/** One town's container as a machine: whether it runs, what it was sent, and how often it was started. */
export class Machine {
  /** Orders that were taken and not yet looked at. */
  readonly orders: RunOrder[] = [];
  readonly stays: Stay[] = [];
  /** HTTP requests that reached the container, by path. */
  readonly requests: string[] = [];
  life = 0;
  isAskedToStop = false;
  isRunning = false;

  /** The control server pings as long as it runs; the runtime answers by itself. */
  lastPingAt(): Date | null {
    return this.isRunning ? new Date(Math.floor(Date.now() / PING_EVERY_MS) * PING_EVERY_MS) : null;
  }

  exit(): void {
    const stay = this.stays.at(-1);
    if (stay !== undefined) stay.to = Date.now();
    this.isAskedToStop = false;
    this.isRunning = false;
  }

  /** Minutes awake between two times. */
  awakeMinutes(from: number, to: number): number {
    const ms = this.stays.map((stay) => Math.max(0, Math.min(stay.to ?? to, to) - Math.max(stay.from, from)));
    return ms.reduce((total, part) => total + part, 0) / 60_000;
  }

  get port(): Port {
    const isRunning = (): boolean => this.isRunning;
    return {
      get running() {
        return isRunning();
      },
      start: ({ env }) => {
        this.isRunning = true;
        this.life = Number(env?.["CURFEW_LIFE"]);
        this.stays.push({ from: Date.now(), to: null });
      },
      monitor: () => this.#end(this.stays.length),
      signal: (number) => {
        if (number === SIGTERM) this.isAskedToStop = true;
        else this.exit();
      },
      destroy: async () => this.exit(),
      getTcpPort: () => ({ fetch: (url, init) => this.#serve(new Request(url, init)) }),
    };
  }

  /**
   * The end of a stay, looked at by whoever waits for it: what another object resolves would go on in that
   * object, where storage is out of reach.
   */
  async #end(stay: number): Promise<void> {
    while (this.isRunning && this.stays.length === stay) await realTurn();
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.requests.push(pathname);
    if (pathname === "/runs") this.orders.push(await request.json<RunOrder>());
    return new Response(null, { status: 202 });
  }
}

const machines = new Map<string, Machine>();

/** The machine of a town; there is one from the first look on. */
export const machineOf = (town: string): Machine => {
  const machine = machines.get(town) ?? new Machine();
  machines.set(town, machine);
  return machine;
};
