/**
 * The life of a room: unborn → alive → dying → dead. One small record says which; everything in this
 * folder is pure and knows nothing of towns.
 */
import { dueFinalizers, type Finalizer } from "./finalizer.ts";
import type { Receipt } from "./receipt.ts";

/** What a parent signs to bring a room to life. Nothing lives without one. */
export interface Charter {
  /** Minted by the parent; the same id again is the same founding. */
  readonly id: string;
  readonly issuedAt: number;
  /** After this it brings nothing to life: long before a tombstone is ever removed. */
  readonly expiresAt: number;
}

/**
 * `Name`: the steps of its end, beside `self`. `Told`: what its receipt says beyond what every room's says.
 * Stored as it is: what is changed here must still read what rooms have written before.
 */
export type Vital<C extends Charter = Charter, Name extends string = string, Told extends object = object> =
  | { readonly state: "unborn" }
  | { readonly state: "alive"; readonly charter: C; readonly bornAt: number }
  | {
      readonly state: "dying";
      readonly charter: C;
      readonly cause: string;
      readonly startedAt: number;
      readonly bytesBefore: number;
      readonly finalizers: readonly Finalizer<Name>[];
    }
  | { readonly state: "dead"; readonly receipt: Receipt<Name> & Told };

export const UNBORN = { state: "unborn" } as const satisfies Vital;

export type Founding<C extends Charter> =
  | { readonly kind: "born"; readonly vital: Extract<Vital<C>, { state: "alive" }> }
  | { readonly kind: "already" }
  | { readonly kind: "refused"; readonly why: "expired" | "another-charter" | "gone" };

/** Whether a charter brings a room in this state to life. Dead stays dead, whatever the charter. */
export const found = <C extends Charter>(vital: Vital<C>, charter: C, now: number): Founding<C> => {
  switch (vital.state) {
    case "unborn":
      return now > charter.expiresAt
        ? { kind: "refused", why: "expired" }
        : { kind: "born", vital: { state: "alive", charter, bornAt: now } };
    case "alive":
      return vital.charter.id === charter.id
        ? { kind: "already" }
        : { kind: "refused", why: "another-charter" };
    case "dying":
    case "dead":
      return { kind: "refused", why: "gone" };
  }
};

/** Begins the destruction of a living room; every other state is left as it is. */
export const beginDestroy = <C extends Charter, Name extends string, Told extends object>(
  vital: Vital<C, Name, Told>,
  order: {
    readonly cause: string;
    readonly finalizers: readonly Name[];
    readonly bytes: number;
    readonly now: number;
  },
): Vital<C, Name, Told> =>
  vital.state === "alive"
    ? {
        state: "dying",
        charter: vital.charter,
        cause: order.cause,
        startedAt: order.now,
        bytesBefore: order.bytes,
        finalizers: dueFinalizers(order.finalizers, order.now),
      }
    : vital;
