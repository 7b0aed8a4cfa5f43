import { Scheduler } from "../scheduler.ts";
import type { Caller } from "./caller.ts";
import type { Database } from "./database.ts";
import { exchange } from "./exchange.ts";
import { Host } from "./host.ts";
import { LedgerStore } from "./ledger.ts";
import { Machine, type Process } from "./machine.ts";
import { Socket } from "./sockets.ts";
import type { Stored } from "./storage.ts";
import { Timers } from "./timers.ts";

/** One call of one object, as it can be made again much later. */
export interface Call {
  readonly className: string;
  readonly name: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** All that is there at one moment when nothing is on its way: what schedules begin with. */
export interface Scene {
  readonly now: number;
  readonly ids: number;
  readonly objects: readonly {
    readonly className: string;
    readonly name: string;
    readonly stored: Stored;
    readonly sockets: readonly {
      readonly id: string;
      readonly tags: readonly string[];
      readonly state: unknown;
    }[];
  }[];
  readonly ledger: Database;
  readonly processes: readonly Process[];
  readonly starts: ReadonlyMap<string, number>;
  readonly calls: readonly Call[];
}

export type Classes = Readonly<Record<string, new (context: never, environment: never) => object>>;

/**
 * As much of the platform as Curfew stands on, in one process and by a virtual clock: objects with
 * their storage, alarms, gates and sockets, calls between them, D1, and a machine for containers.
 * Everything that takes time goes through the scheduler.
 */
export class Platform {
  readonly scheduler: Scheduler;
  readonly timers: Timers;
  readonly machine: Machine;
  readonly ledger: LedgerStore;
  readonly hosts = new Map<string, Host>();
  /** Counts whatever needs a name of its own. */
  ids: number;
  /** Every call that ever arrived. */
  readonly calls: Call[];
  /** Objects that were written to since the last step. */
  readonly written = new Set<Host>();
  /** Counts what changed that an invariant could be about. */
  changes = 0;
  /** A compatibility date before 2026-02-24: `deleteAll` leaves the alarm. */
  isOld = false;
  /** Something that no room may do, and this platform neither. */
  onFault: (what: string) => void = (what) => {
    throw new Error(what);
  };
  readonly #classes: Classes;

  constructor(classes: Classes, scene: Scene | null, now = 0) {
    this.#classes = classes;
    this.scheduler = new Scheduler(scene?.now ?? now);
    this.timers = new Timers(this.scheduler);
    this.machine = new Machine(this, scene?.processes ?? [], scene?.starts ?? new Map());
    this.ledger = new LedgerStore(scene?.ledger ?? LedgerStore.empty());
    this.ids = scene?.ids ?? 0;
    this.calls = [...(scene?.calls ?? [])];
    for (const { className, name, stored, sockets } of scene?.objects ?? []) {
      const host = this.#add(className, name, stored);
      for (const { id, tags, state } of sockets) {
        const socket = new Socket(host, id, tags);
        socket.setState(state);
        host.sockets.push(socket);
      }
    }
  }

  classOf(className: string) {
    const Class = this.#classes[className];
    if (Class === undefined) throw new Error(`there is no class ${className}`);
    return Class;
  }

  host(className: string, name: string): Host {
    return this.hosts.get(`${className} ${name}`) ?? this.#add(className, name, null);
  }

  #add(className: string, name: string, stored: Stored | null): Host {
    const host = new Host(this, className, name, stored);
    this.hosts.set(host.label, host);
    this.scheduler.dues.add({
      label: `alarm of ${host.label}`,
      dueAt: () => host.dueAt(),
      run: () => host.ring(),
    });
    return host;
  }

  /** The bindings as one caller has them. */
  environmentOf(caller: Caller): never {
    const namespace = (className: string) => ({
      getByName: (name: string) =>
        new Proxy(
          {},
          {
            get:
              (_, method) =>
              (...args: unknown[]) =>
                this.call(caller, { className, name, method: String(method), args }),
          },
        ),
    });
    return {
      User: namespace("User"),
      Town: namespace("Town"),
      Agent: namespace("Agent"),
      TownContainer: namespace("TownContainer"),
      LEDGER: this.ledger.bindingFor(caller, this.scheduler),
      CURFEW_SECRET: "secret",
      CURFEW_ENGINE: "process",
      // A look at every minute of a run of hours would be most of a schedule.
      CURFEW_LEASE: "30m",
    } as never;
  }

  call(from: Caller, call: Call): Promise<unknown> {
    const host = this.host(call.className, call.name);
    const label = `${from.label} → ${host.label}: ${call.method}`;
    return exchange(this.scheduler, {
      from,
      label,
      open: () => !host.isGated(),
      arrive: (answer) => {
        this.calls.push(call);
        const arrive = (): void =>
          host.call(call.method, call.args, answer, () =>
            this.scheduler.add({ label, open: () => !host.isGated(), run: arrive, lose: null }),
          );
        arrive();
      },
    });
  }

  /** Something reaches an object that nobody waits for: a socket's message, its close. */
  event(host: Host, method: string, ...args: readonly unknown[]): void {
    const label = `${method} of ${host.label}`;
    const arrive = (): void => {
      const instance = host.wake();
      if (instance.gates > 0)
        this.scheduler.add({ label, open: () => !host.isGated(), run: arrive, lose: null });
      else void Promise.resolve(instance.object[method]?.(...args)).catch(() => undefined);
    };
    this.scheduler.add({ label, open: () => !host.isGated(), run: arrive, lose: () => {} });
  }

  /** The stretch of code since the last await is over: its writes belong together. */
  seal(): Host[] {
    const written = [...this.written];
    for (const host of written) host.storage.seal();
    this.written.clear();
    return written;
  }

  /** What is there now, for other worlds to begin with; this one is over. */
  keep(): Scene {
    this.seal();
    const objects = [...this.hosts.values()].map(({ className, name, storage, sockets }) => ({
      className,
      name,
      stored: storage.now(),
      sockets: sockets.map(({ id, tags, state }) => ({ id, tags: tags.slice(1), state })),
    }));
    return {
      now: this.scheduler.now,
      ids: this.ids,
      objects,
      ledger: this.ledger.close(true),
      processes: this.machine.processes,
      starts: this.machine.starts,
      calls: this.calls,
    };
  }

  /** This world is over, and nothing is left of it. */
  close(): void {
    for (const host of this.hosts.values()) host.storage.close();
    this.ledger.close(false);
  }
}
