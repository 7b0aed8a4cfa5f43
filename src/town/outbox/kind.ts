import type { TownPorts } from "../ports.ts";
import type { Tx } from "../tx.ts";
import type { Lane } from "./rows.ts";

/** How whoever delivers changes the town. */
export type Commit = <T>(work: (tx: Tx) => T) => T;

/** What a delivery may use. */
export interface Delivery {
  readonly ports: TownPorts;
  readonly commit: Commit;
}

/** One kind of thing that the town owes. Its feature defines it; `features.ts` lists it. */
export interface OutboxKind<Payload> {
  readonly kind: string;
  readonly lane: Lane;
  /** Names what is owed: the same again is the same. */
  idOf(payload: Payload): string;
  /** Whether it is done: carried out, or pointless by now. Throwing means no. */
  deliver(payload: Payload, delivery: Delivery): Promise<boolean>;
  /** What follows in the transaction that strikes it off. */
  delivered?(tx: Tx, payload: Payload): void;
}
