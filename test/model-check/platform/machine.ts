import type { Caller } from "./caller.ts";
import { exchange } from "./exchange.ts";
import type { Host, Instance } from "./host.ts";
import type { Platform } from "./platform.ts";

/** A process that a container's object started. */
export interface Process {
  readonly town: string;
  readonly life: number;
}

/** The machine that containers run on. It outlives every object; nothing here is durable or undone. */
export class Machine {
  readonly #platform: Platform;
  processes: Process[];
  /** How often each life of each container was started. */
  readonly starts: Map<string, number>;
  readonly #watches = new Map<Instance, (exitCode: number) => void>();
  /** Called before a process starts. */
  onStart: (process: Process) => void = () => {};

  constructor(platform: Platform, processes: readonly Process[], starts: ReadonlyMap<string, number>) {
    this.#platform = platform;
    this.processes = [...processes];
    this.starts = new Map(starts);
  }

  #of(town: string): Process | undefined {
    return this.processes.find((process) => process.town === town);
  }

  /** `ctx.container` of a container's object. */
  containerOf(host: Host) {
    const town = host.name;
    const from = host.instance;
    const { scheduler } = this.#platform;
    const ask = (what: string, work: () => unknown): Promise<unknown> => {
      if (from === null) throw new Error("this instance is lost");
      return this.#exchange(from, `${what} the container of ${town}`, work);
    };
    const isRunning = (): boolean => this.#of(town) !== undefined;
    return {
      get running(): boolean {
        return isRunning();
      },
      start: (options: { env: Record<string, string> }): void => {
        if (isRunning()) throw new Error("the container is running already");
        this.#start({ town, life: Number(options.env["CURFEW_LIFE"]) });
      },
      destroy: (): Promise<unknown> => ask("SIGKILL to", () => this.end(town, 137)),
      signal: (): void => {
        if (from === null || !isRunning()) return;
        scheduler.add({
          label: `the container of ${town} obeys SIGTERM`,
          open: () => true,
          run: () => this.end(town, 0),
          lose: () => {},
        });
      },
      monitor: (): Promise<number> =>
        new Promise((resolve) => {
          if (from !== null) this.#watches.set(from, resolve);
        }),
      getTcpPort: (_port: number) => ({
        fetch: (): Promise<unknown> =>
          ask("request to", () => {
            if (!isRunning()) throw new Error("the container is not running");
            return { status: 202, text: async () => "" };
          }),
      }),
    };
  }

  #start(process: Process): void {
    const key = `${process.town}#${process.life}`;
    this.starts.set(key, (this.starts.get(key) ?? 0) + 1);
    this.#platform.changes += 1;
    this.onStart(process);
    this.processes.push(process);
  }

  /** A process ends; the object that watches it hears of it some time later. */
  end(town: string, exitCode: number): void {
    if (this.#of(town) === undefined) return;
    this.#platform.changes += 1;
    this.processes = this.processes.filter((process) => process.town !== town);
    const { instance } = this.#platform.host("TownContainer", town);
    if (instance === null) return;
    this.#platform.scheduler.add({
      label: `the object of ${town} sees that its container has ended`,
      owner: instance,
      open: () => instance.gates === 0,
      run: () => {
        this.#platform.scheduler.current = instance;
        this.#watches.get(instance)?.(exitCode);
      },
      lose: null,
    });
  }

  #exchange(from: Caller, label: string, work: () => unknown): Promise<unknown> {
    return exchange(this.#platform.scheduler, {
      from,
      label,
      open: () => true,
      arrive: (answer) => {
        try {
          answer({ ok: true, value: work() });
        } catch (error) {
          answer({ ok: false, error: error as Error });
        }
      },
    });
  }
}
