import type { Vital } from "../../../src/lifecycle/vital.ts";
import { ASLEEP, type ContainerRecord } from "../../../src/town/container/record.ts";
import type { TownRecord } from "../../../src/town/record.ts";
import { room } from "../../rooms/rooms.ts";
import { rows, stored } from "../../rooms/stored.ts";

type Stored = Awaited<ReturnType<typeof stored>>;
type Row = Record<string, unknown>;

const UNBORN: Vital = { state: "unborn" };

/** What a room has stored, as the rules speak of it. */
export class Look {
  readonly stored: Stored;
  readonly #records: ReadonlyMap<string, unknown>;

  constructor(stored: Stored) {
    this.stored = stored;
    this.#records = new Map(stored.keys as [string, unknown][]);
  }

  static async atTown(town: string): Promise<Look> {
    return new Look(await stored(room.town(town)));
  }

  static async atAgent(town: string, agent: string): Promise<Look> {
    return new Look(await stored(room.agent(town, agent)));
  }

  get vital(): Vital {
    return (this.#records.get("vital") as Vital | undefined) ?? UNBORN;
  }

  get town(): TownRecord | undefined {
    return this.#records.get("town") as TownRecord | undefined;
  }

  get container(): ContainerRecord {
    return (this.#records.get("container") as ContainerRecord | undefined) ?? ASLEEP;
  }

  rows(table: string): Row[] {
    return (this.stored.tables[table] ?? []) as Row[];
  }

  /** What is there beside the vital record. */
  get rest(): string[] {
    const names = [...this.#records.keys(), ...Object.keys(this.stored.tables)];
    return [...names.filter((name) => name !== "vital"), ...(this.stored.alarm === null ? [] : ["an alarm"])];
  }

  /** Nothing but a tombstone, or nothing at all. */
  get isGone(): boolean {
    return (this.vital.state === "dead" || this.vital.state === "unborn") && this.rest.length === 0;
  }
}

/** The owner's list. */
export const list = async (): Promise<
  { id: string; state: string; due_at: number | null; receipt: string | null }[]
> =>
  (await rows(
    room.user("owner"),
    "SELECT id, state, due_at, receipt FROM towns ORDER BY founded_at",
  )) as never;
