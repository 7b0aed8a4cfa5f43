import { withDeadline } from "../deadline.ts";
import { backoffMs, OFTEN, SELDOM, type Backoff } from "../lifecycle/backoff.ts";
import { fullerReceipt } from "../lifecycle/receipt.ts";
import type { Receipt } from "../protocol/receipt.ts";
import type { Wake } from "../lifecycle/wake.ts";
import type { Ledger, LedgerState } from "../ledger/ledger.ts";
import type { UserFrame } from "../protocol/browser/user-frame.ts";
import { FIRST_PAGE, type Page, type PageQuery } from "../protocol/page.ts";
import type { TownId, UserId } from "../protocol/primitives.ts";
import { Refusal, type Answer } from "../protocol/problem.ts";
import type { Town, TownState, TownSummary } from "../protocol/town.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Located } from "../rooms/user.ts";
import { first, type Kv, type Sql, type SqlValue } from "../sql.ts";
import { establish } from "../storage/migrations.ts";
import type { TownCharter } from "../rooms/town.ts";
import { listTowns, townsSince } from "./list.ts";
import { locatedOf, receiptOf, summaryOf, type TownRow } from "./rows.ts";
import { USER_MIGRATIONS } from "./schema.ts";

export interface UserPorts {
  readonly sql: Sql;
  readonly kv: Kv;
  readonly user: UserId;
  /** @throws RoomGone when the room is no longer alive */
  transaction<T>(work: () => T): T;
  readonly now: () => number;
  /** A new town's id, never minted before. */
  readonly newTownId: () => TownId;
  readonly newId: () => string;
  arm(at: number | null): void;
  background(work: Promise<void>): void;
  readonly ledger: Ledger;
  readonly towns: {
    found(charter: TownCharter): Promise<Answer<null>>;
    describe(town: TownId): Promise<Answer<Town>>;
    /** May be answered by an error though it was done; then it is asked again. */
    destroy(town: TownId, cause: string): Promise<Receipt>;
  };
  readonly viewers: { any(): boolean; send(text: string): void };
}

const CHARTER_MS = 3_600_000;
/** Waits after failures. A ledger that is back is told by the sweep, too, what it missed. */
const BACKOFF: Readonly<Record<TownRow["state"], Backoff>> = {
  founding: OFTEN,
  closing: OFTEN,
  open: SELDOM,
  gone: SELDOM,
};
/** A founding that takes longer was cut off. */
const FOUNDING_MS = 90_000;
/**
 * Should this instance be lost in the middle of a step, the alarm goes on with it after this long. Where
 * the step is still under way, the alarm only joins it.
 */
const TAKE_OVER_MS = 10_000;
/** Towns in a first frame, and as many changes as a resuming page is told of. */
const TOWNS_SHOWN = 100;
/** A ledger that doesn't answer must not hold up the end of what costs money. */
const LEDGER_MS = 10_000;
/** A town that doesn't answer is asked again; it goes on by its own alarm meanwhile. */
const TOWN_MS = 75_000;

/** Every reason that a user's room can have to wake. */
export type UserWake = Wake<
  "a town is being founded" | "a town is being closed" | "the ledger must be told of a town"
>;

/** What is due about a town in each state. */
const WHY: Readonly<Record<TownRow["state"], UserWake["why"]>> = {
  founding: "a town is being founded",
  closing: "a town is being closed",
  open: "the ledger must be told of a town",
  gone: "the ledger must be told of a town",
};

/** A user's domain: which towns are theirs, and the one way in which a town ends. */
export class User {
  readonly #ports: UserPorts;
  readonly #driving = new Map<TownId, Promise<void>>();

  constructor(ports: UserPorts) {
    this.#ports = ports;
  }

  static create(ports: Pick<UserPorts, "sql" | "kv">): void {
    establish(ports, USER_MIGRATIONS);
    ports.kv.put("user", { seq: 0 });
  }

  towns(query: PageQuery<TownState> = FIRST_PAGE): Page<TownSummary> {
    return listTowns(this.#ports.sql, query);
  }

  locate(town: TownId): Located | null {
    const row = this.#row(town);
    return row === null ? null : locatedOf(row);
  }

  /**
   * Founds a town: on this list and in the ledger first, so that nothing lives that nobody knows of.
   *
   * @throws Refusal `unavailable` when the ledger or the town can't be reached; then it is undone
   */
  async foundTown(name: string): Promise<Town> {
    const { ledger, towns, now, newId, newTownId, user } = this.#ports;
    const at = now();
    const charter: TownCharter = {
      id: newId(),
      issuedAt: at,
      expiresAt: at + CHARTER_MS,
      town: newTownId(),
      owner: user,
      name,
    };
    const { town } = charter;
    this.#commit((seq) => {
      this.#ports.sql.run(
        `INSERT INTO towns (id, name, state, founded_at, charter, ledger, due_at, seq)
         VALUES (?, ?, 'founding', ?, ?, '', ?, ?)`,
        town,
        name,
        at,
        JSON.stringify(charter),
        at + FOUNDING_MS,
        seq(),
      );
    });
    try {
      await withDeadline(
        ledger.put({ id: town, owner: user, name, state: "founding", changedAt: at }),
        LEDGER_MS,
      );
      const founded = await withDeadline(towns.found(charter), TOWN_MS);
      if (!founded.ok) throw new Error(founded.problem.detail);
      this.#set(town, { state: "open", ledger: "founding", due_at: now() }, ["founding"]);
      this.#ports.background(this.#drive(town));
      const described = await towns.describe(town);
      if (described.ok) return described.value;
      throw new Error(described.problem.detail);
    } catch (error) {
      console.error("founding failed:", error);
      this.closeTown(town, "founding failed");
      throw new Refusal("unavailable", "The town could not be founded. Try again.");
    }
  }

  /** The one way to end a town; every other way leads here. Again: the same. */
  closeTown(town: TownId, cause: string): Located | null {
    const row = this.#row(town);
    if (row === null) return null;
    if (row.state === "founding" || row.state === "open")
      this.#set(town, { state: "closing", cause, attempts: 0, due_at: this.#ports.now() }, [
        "founding",
        "open",
      ]);
    if (row.state !== "gone") this.#ports.background(this.#drive(town));
    return this.locate(town);
  }

  /** A dying town says what is known of its end before its storage goes. */
  noteReceipt(town: TownId, receipt: Receipt): null {
    const row = this.#row(town);
    if (row === null || row.state === "gone") return null;
    // A town that is dying without its owner's order (the sweep's, say) is closing here too.
    this.#set(town, {
      state: "closing",
      cause: row.cause ?? receipt.cause,
      receipt: JSON.stringify(fullerReceipt(receiptOf(row), receipt)),
      // Soon, whatever it waited for: for its ledger a town may wait a day.
      due_at: Math.min(row.due_at ?? Infinity, this.#ports.now() + TAKE_OVER_MS),
    });
    return null;
  }

  /** A town says what its owner's list shows of it. */
  noteSummary(summary: Omit<TownSummary, "seq" | "state">): null {
    const row = this.#row(summary.id);
    if (row === null || row.state === "gone") return null;
    this.#set(summary.id, {
      name: summary.name,
      container: summary.container,
      working: summary.working,
      needs_you: summary.needsYou ? 1 : 0,
    });
    return null;
  }

  snapshot(after: number | null): string {
    const seq = this.#seq();
    const changed = after !== null && after <= seq ? townsSince(this.#ports.sql, after, TOWNS_SHOWN) : null;
    const newest = changed === null ? this.towns({ ...FIRST_PAGE, limit: TOWNS_SHOWN }) : null;
    const frame: UserFrame = {
      type: "snapshot",
      version: PROTOCOL_VERSION,
      seq,
      since: changed === null ? null : after,
      user: this.#ports.user,
      towns: [...(changed ?? newest?.items ?? [])],
      earlier: newest?.next ?? null,
    };
    return JSON.stringify(frame);
  }

  wake(): UserWake | null {
    const next = first<{ due_at: number; state: TownRow["state"] }>(
      this.#ports.sql,
      "SELECT due_at, state FROM towns WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
    );
    return next === null ? null : { at: next.due_at, why: WHY[next.state] };
  }

  async onAlarm(): Promise<void> {
    const due = this.#ports.sql.all<{ id: string }>(
      "SELECT id FROM towns WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT 20",
      this.#ports.now(),
    );
    await Promise.all(due.map(({ id }) => this.#drive(id)));
    this.#ports.arm(this.wake()?.at ?? null);
  }

  /** Brings a town and its ledger row to the state that this list says; one driver per town. */
  #drive(town: TownId): Promise<void> {
    const running = this.#driving.get(town);
    if (running !== undefined) return running;
    const driving = this.#driveOnce(town).finally(() => this.#driving.delete(town));
    this.#driving.set(town, driving);
    return driving;
  }

  async #driveOnce(town: TownId): Promise<void> {
    const { now } = this.#ports;
    try {
      // Every pass moves one thing; a pass that moves nothing ends it.
      for (;;) {
        const row = this.#row(town);
        if (row === null || row.due_at === null) return;
        this.#set(town, { due_at: now() + TAKE_OVER_MS });
        const done = await this.#step(row);
        if (done) this.#set(town, { due_at: null, attempts: 0, reason: null }, [row.state]);
        const after = this.#row(town);
        if (after === null || after.state === row.state) return;
      }
    } catch (error) {
      const row = this.#row(town);
      if (row === null) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#set(town, {
        attempts: row.attempts + 1,
        reason: reason.slice(0, 300),
        due_at: now() + backoffMs(row.attempts, BACKOFF[row.state]),
      });
    }
  }

  /** One step towards the state that the row says. Whether nothing more is due. */
  async #step(row: TownRow): Promise<boolean> {
    const { ledger, towns, user, now } = this.#ports;
    const told = (state: LedgerState, receipt?: Receipt): Promise<void> =>
      withDeadline(
        ledger.put({ id: row.id, owner: user, name: row.name, state, changedAt: now() }, receipt),
        LEDGER_MS,
      );
    switch (row.state) {
      case "founding": {
        // Only reached when the founding itself was cut off: then nobody was told that it exists.
        this.#set(row.id, { state: "closing", cause: "its founding was cut off" }, ["founding"]);
        return false;
      }
      case "open":
        await told("open");
        this.#set(row.id, { ledger: "open" });
        return true;
      case "closing": {
        // The ledger is told, but it must not hold up the end of what costs money.
        const ledgerTold = told("closing").then(
          () => true,
          () => false,
        );
        const receipt = fullerReceipt(
          receiptOf(row),
          await withDeadline(towns.destroy(row.id, row.cause ?? "closed"), TOWN_MS),
        );
        await ledgerTold;
        const known = fullerReceipt(this.#knownReceipt(row.id), receipt);
        if (receipt.state === "closing") {
          this.#set(row.id, { receipt: JSON.stringify(known) });
          const waits = receipt.finalizers.find((step) => step.state === "due" && step.reason);
          throw new Error(waits ? `${waits.name}: ${waits.reason}` : "still closing");
        }
        this.#set(row.id, {
          state: "gone",
          receipt: JSON.stringify(known),
          container: "asleep",
          working: 0,
          needs_you: 0,
          attempts: 0,
          reason: null,
          due_at: now(),
        });
        return false;
      }
      case "gone":
        await told("gone", receiptOf(row) ?? undefined);
        this.#set(row.id, { ledger: "gone" });
        return true;
    }
  }

  #knownReceipt(town: TownId): Receipt | null {
    const row = this.#row(town);
    return row === null ? null : receiptOf(row);
  }

  #row(town: TownId): TownRow | null {
    return first<TownRow>(this.#ports.sql, "SELECT * FROM towns WHERE id = ?", town);
  }

  #seq(): number {
    return this.#ports.kv.get<{ seq: number }>("user")?.seq ?? 0;
  }

  /** Changes a town's row, if it is (still) in one of `states`. */
  #set(
    town: TownId,
    columns: Readonly<Record<string, SqlValue>>,
    states: readonly LedgerState[] = ["founding", "open", "closing", "gone"],
  ): void {
    this.#commit((seq) => {
      const names = Object.keys(columns);
      this.#ports.sql.run(
        `UPDATE towns SET ${names.map((name) => `${name} = ?`).join(", ")}, seq = ?
         WHERE id = ? AND state IN (${states.map(() => "?").join(", ")})`,
        ...Object.values(columns),
        seq(),
        town,
        ...states,
      );
    });
  }

  #commit<T>(work: (seq: () => number) => T): T {
    const before = this.#seq();
    const result = this.#ports.transaction(() => {
      let seq = before;
      const value = work(() => ++seq);
      if (seq !== before) this.#ports.kv.put("user", { seq });
      this.#ports.arm(this.wake()?.at ?? null);
      return value;
    });
    this.#publish(before);
    return result;
  }

  #publish(before: number): void {
    const { viewers, sql } = this.#ports;
    if (!viewers.any()) return;
    const towns = sql.all<TownRow>("SELECT * FROM towns WHERE seq > ?", before).map(summaryOf);
    const frame: UserFrame = { type: "delta", seq: this.#seq(), towns };
    if (towns.length > 0) viewers.send(JSON.stringify(frame));
  }
}
