import type { Connection, ConnectionContext } from "partyserver";
import { d1Ledger } from "../src/ledger/ledger.ts";
import type { Receipt } from "../src/protocol/receipt.ts";
import { CloseCode } from "../src/protocol/close-codes.ts";
import type { PageQuery } from "../src/protocol/page.ts";
import type { TownState, TownSummary } from "../src/protocol/town.ts";
import { rooms } from "../src/rooms/rooms.ts";
import type { UserCharter, UserRpc } from "../src/rooms/user.ts";
import { endTowns, USER_STEPS, type UserStep } from "../src/user/end.ts";
import { USER_MIGRATIONS } from "../src/user/schema.ts";
import { User as UserDomain } from "../src/user/user.ts";
import { newId } from "./adapters/new-id.ts";
import { kvOf, sqlOf } from "./adapters/storage.ts";
import { Room, type Dying } from "./room.ts";

/** A user's room: which towns are theirs, and the one way in which a town ends. */
export class User extends Room<UserCharter, UserStep> implements UserRpc {
  protected override readonly finalizers = USER_STEPS;
  protected override readonly nothing = {};
  #user: UserDomain | null = null;

  protected override get migrations() {
    return USER_MIGRATIONS;
  }

  protected alive(): UserDomain {
    const charter = this.living();
    const { storage } = this.ctx;
    this.#user ??= new UserDomain({
      sql: sqlOf(storage),
      kv: kvOf(storage),
      user: charter.user,
      transaction: (work) =>
        storage.transactionSync(() => {
          this.living();
          return work();
        }),
      now: () => Date.now(),
      newTownId: () => `t${newId()}`,
      newId,
      arm: (at) => this.arm(at),
      background: (work) => this.ctx.waitUntil(work),
      ledger: d1Ledger(this.env.LEDGER),
      towns: {
        found: (town) => rooms(this.env).town(town.town).found(town),
        describe: (town) => rooms(this.env).town(town).describe(),
        destroy: (town, cause) => rooms(this.env).town(town).destroy({ cause }),
      },
      viewers: {
        any: () => this.hasPeers(VIEWER),
        send: (text) => this.sendTo(VIEWER, text),
      },
    });
    return this.#user;
  }

  protected override onFound(): void {
    UserDomain.create({ sql: sqlOf(this.ctx.storage), kv: kvOf(this.ctx.storage) });
  }

  protected override onDying(): void {
    this.#user = null;
  }

  protected override wake() {
    return this.alive().wake();
  }

  override async onAlarm(): Promise<void> {
    await this.alive().onAlarm();
  }

  // ---- RPC

  towns(query: PageQuery<TownState>) {
    return this.answer(() => this.alive().towns(query));
  }
  foundTown(name: string) {
    return this.answer(() => this.alive().foundTown(name));
  }
  locate(town: string) {
    return this.answer(() => this.alive().locate(town));
  }
  closeTown(town: string, cause: string) {
    return this.answer(() => this.alive().closeTown(town, cause));
  }
  noteReceipt(town: string, receipt: Receipt) {
    return this.answer(() => this.alive().noteReceipt(town, receipt));
  }
  noteSummary(summary: Omit<TownSummary, "seq" | "state">) {
    return this.answer(() => this.alive().noteSummary(summary));
  }

  // ---- sockets: the user's open pages

  override getConnectionTags(): string[] {
    return [VIEWER];
  }

  override onConnect(connection: Connection, ctx: ConnectionContext): void {
    this.greet(connection, () => connection.send(this.alive().snapshot(this.afterOf(ctx))));
  }

  override onMessage(connection: Connection): void {
    connection.close(CloseCode.badMessage, "nothing is expected here");
  }

  // ---- the end

  protected override async finalize(step: UserStep, { charter, cause }: Dying<UserCharter>) {
    switch (step) {
      case "sockets":
        return this.closeSockets();
      case "children":
        return endTowns({
          sql: sqlOf(this.ctx.storage),
          user: charter.user,
          now: () => Date.now(),
          ledger: d1Ledger(this.env.LEDGER),
          destroyTown: (town) => rooms(this.env).town(town).destroy({ cause }),
        });
    }
  }

  protected override describeEnd() {
    return {};
  }

  protected override async lastWords(): Promise<void> {}
}

const VIEWER = "viewer";
