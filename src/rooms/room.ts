import type { Receipt } from "../lifecycle/receipt.ts";
import type { Charter, Vital } from "../lifecycle/vital.ts";
import type { Wake } from "../lifecycle/wake.ts";
import type { Answer } from "../protocol/problem.ts";
import type { Look } from "../storage/opening.ts";

/** What anyone may see of a room without touching its life. */
export interface Probe<R extends Receipt = Receipt> {
  readonly vital: Vital["state"];
  readonly keys: readonly string[];
  readonly tables: readonly string[];
  readonly bytes: number;
  /** When it wakes by itself, in ms; `null`: never. */
  readonly alarm: number | null;
  /** Why the alarm is set, and for when. */
  readonly wake: Wake | null;
  readonly receipt: R | null;
  /** Which version what is stored is of, and why this build can't open it; `null` where nothing lives or dies. */
  readonly schema: Look | null;
}

/** What every room answers, whoever its parent is. `R`: its kind of receipt. */
export interface RoomRpc<C extends Charter, R extends Receipt = Receipt> {
  /** Brings the room to life: its parent's call. `conflict` for a bad charter, `gone` for a dead room. */
  found(charter: C): Promise<Answer<null>>;
  /** Looks, creates nothing, and is answered in every state. */
  probe(): Promise<Probe<R>>;
  /**
   * Ends the room: `gone`, or `closing` with what is still due. Again: the same. Rejects with a Refusal
   * `unavailable` (its `problem` comes over RPC, its class doesn't) where a newer build has written.
   */
  destroy(order: { readonly cause: string }): Promise<R>;
  /** Removes the tombstone of a room that is dead since before `goneBefore`. Whether nothing is left. */
  forget(goneBefore: number): Promise<boolean>;
  /** What the room lives by; `null` for one that is unborn or dead. */
  charter(): Promise<C | null>;
}
