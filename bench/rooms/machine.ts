import type { RunOrder } from "../../src/protocol/container/order.ts";

const PING_EVERY_MS = 5000;
const SIGTERM = 15;
const KILLED = 137;

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
  readonly life: number;
  readonly from: number;
  to: number | null;
  exitCode: number | null;
}

/** One town's container as a machine: whether it runs, what it was sent, and how often it was started. */
export class Machine {
  /** Orders that were taken and not yet looked at. */
  readonly orders: RunOrder[] = [];
  /** Ids of runs that were cancelled, not yet looked at. */
  readonly cancelled: string[] = [];
  readonly stays: Stay[] = [];
  /** HTTP requests that reached the container, by path. */
  readonly requests: string[] = [];
  isAskedToStop = false;
  /** So many SIGKILLs fail from now on. */
  failingKills = 0;
  /** So many starts end before the container listens. */
  failingStarts = 0;

  get isRunning(): boolean {
    return this.stays.at(-1)?.to === null;
  }

  /** The life that runs, or ran last. */
  get life(): number {
    return this.stays.at(-1)?.life ?? 0;
  }

  /** The control server pings as long as it runs; the runtime answers by itself. */
  lastPingAt(): Date | null {
    return this.isRunning ? new Date(Math.floor(Date.now() / PING_EVERY_MS) * PING_EVERY_MS) : null;
  }

  exit(exitCode = 0): void {
    const stay = this.stays.at(-1);
    if (stay === undefined || stay.to !== null) return;
    stay.to = Date.now();
    stay.exitCode = exitCode;
    this.isAskedToStop = false;
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
      start: ({ env }) => this.#start(Number(env?.["CURFEW_LIFE"])),
      monitor: () => this.#end(this.stays.at(-1)),
      signal: (number) => {
        if (number === SIGTERM) this.isAskedToStop = true;
        else this.exit(KILLED);
      },
      destroy: async () => {
        if (this.failingKills > 0) {
          this.failingKills -= 1;
          throw new Error("SIGKILL failed");
        }
        this.exit(KILLED);
      },
      getTcpPort: () => ({ fetch: (url, init) => this.#serve(new Request(url, init)) }),
    };
  }

  #start(life: number): void {
    if (this.isRunning) throw new Error("the container runs already");
    this.stays.push({ life, from: Date.now(), to: null, exitCode: null });
    if (this.failingStarts === 0) return;
    this.failingStarts -= 1;
    this.exit(1);
  }

  /**
   * The end of a stay, looked at by whoever waits for it: what another object resolves would go on in that
   * object, where storage is out of reach.
   *
   * @throws Error with the exit code, as the runtime words it
   */
  async #end(stay: Stay | undefined): Promise<void> {
    while (stay?.to === null) await realTurn();
    if (stay?.exitCode !== 0)
      throw new Error(`container exited with unexpected exit code: ${stay?.exitCode ?? KILLED}`);
  }

  async #serve(request: Request): Promise<Response> {
    if (!this.isRunning) throw new Error("the container is not listening");
    const { pathname } = new URL(request.url);
    this.requests.push(pathname);
    const cancelled = /^\/runs\/(.+)\/cancel$/.exec(pathname)?.[1];
    if (cancelled !== undefined) this.cancelled.push(cancelled);
    if (pathname !== "/runs") return new Response(null, { status: 202 });
    this.orders.push(await request.json<RunOrder>());
    return Response.json({ boot: bootOf(this.life) }, { status: 202 });
  }
}

/** Names the boot of the control server of a life. */
export const bootOf = (life: number): string => `boot ${life}`;

const machines = new Map<string, Machine>();

/** The machine of a town; there is one from the first look on. */
export const machineOf = (town: string): Machine => {
  const machine = machines.get(town) ?? new Machine();
  machines.set(town, machine);
  return machine;
};
