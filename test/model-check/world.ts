import { outsider, type Caller } from "./platform/caller.ts";
import type { Host } from "./platform/host.ts";
import { Platform, type Classes, type Scene } from "./platform/platform.ts";
import { Agent, sweep, Town, TownContainer, User } from "./rooms.ts";

export const OWNER = "owner";

/** Curfew's own classes. A test that wants to see the checker at work puts worse ones in their place. */
export const CURFEW = { Agent, Town, TownContainer, User } as unknown as Classes;

/** What an owner's list says of a town. */
export interface TownRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly due_at: number | null;
  readonly receipt: string | null;
}

/** A request to open a WebSocket, with who is at the other end as the Worker would say it. */
const upgrade = (peer: object) => ({
  url: "http://room/",
  headers: new Map([
    ["upgrade", "websocket"],
    ["x-curfew-peer", JSON.stringify(peer)],
  ]),
});

/** Curfew's rooms on the small platform, and those who ask something of them. */
export class World {
  readonly platform: Platform;
  readonly person: Caller = outsider("person");
  /** What came of what was asked, for who looks at it. */
  readonly swept: { healed: number; examined: number; errors: number }[] = [];

  constructor(scene: Scene | null, classes: Classes = CURFEW, now = 0) {
    this.platform = new Platform(classes, scene, now);
  }

  get scheduler() {
    return this.platform.scheduler;
  }

  host(className: string, name: string): Host {
    return this.platform.host(className, name);
  }

  /** Asks a room something, as the Worker does for a person. */
  ask(className: string, name: string, method: string, ...args: readonly unknown[]): Promise<unknown> {
    const asked = this.platform.call(this.person, { className, name, method, args });
    // Whoever doesn't wait doesn't mind.
    asked.catch(() => undefined);
    return asked;
  }

  closeTown(town: string): Promise<unknown> {
    return this.ask("User", OWNER, "closeTown", town, "closed by its owner");
  }

  closeAccount(): Promise<unknown> {
    return this.ask("User", OWNER, "destroy", { cause: "the account was closed" });
  }

  connect(className: string, name: string, peer: object = { role: "viewer" }): Promise<unknown> {
    return this.ask(className, name, "fetch", upgrade(peer));
  }

  foundTown(name: string): Promise<unknown> {
    return this.ask("User", OWNER, "foundTown", name);
  }

  /** A frame from a town's container, on whatever socket it has there. */
  frame(town: string, frame: object): void {
    const host = this.host("Town", town);
    const socket = host.sockets.find(({ tags }) => tags.includes("container"));
    if (socket !== undefined) this.platform.event(host, "webSocketMessage", socket, JSON.stringify(frame));
  }

  /** The cron's run, in a Worker of its own. */
  sweep(): void {
    const worker = outsider("sweep");
    this.platform.scheduler.current = worker;
    void this.#sweepAs(worker);
  }

  async #sweepAs(worker: Caller): Promise<void> {
    const answer = await sweep(this.platform.environmentOf(worker));
    if (answer.ok) this.swept.push(answer.value);
  }

  /** Lets everything that was begun end, and `ms` pass. */
  settle(ms: number): Promise<void> {
    return this.scheduler.untilQuiet(this.scheduler.now + ms);
  }

  /** Towns on the owner's list, gone ones too. */
  towns(): TownRow[] {
    const { storage } = this.host("User", OWNER);
    if (!storage.hasTables) return [];
    return storage.exec("SELECT id, name, state, due_at, receipt FROM towns") as never;
  }

  /** The town that was founded last beside those that were there before. */
  newest({ bystander }: { readonly bystander: string }): string {
    return this.towns().findLast(({ id }) => id !== bystander)?.id ?? "";
  }

  ledger(): { id: string; state: string; receipt: string | null }[] {
    return this.platform.ledger.all("SELECT id, state, receipt FROM towns") as never;
  }
}
