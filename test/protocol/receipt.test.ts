import * as v from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import type { Finalizer } from "../../src/lifecycle/finalizer.ts";
import { emptyReceipt, stillbornReceipt, type Receipt } from "../../src/lifecycle/receipt.ts";
import type { Wake } from "../../src/lifecycle/wake.ts";
import { Finalizer as FinalizerOnTheWire, RoomReceipt } from "../../src/protocol/receipt.ts";
import { Wake as WakeOnTheWire } from "../../src/protocol/town.ts";
import type { TownStep } from "../../src/town/end/known.ts";

/** `readonly` is no part of a shape. */
type Shape<T> = T extends readonly (infer Item)[]
  ? Shape<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Shape<T[Key]> }
    : T;

test("a room's own shapes are those that go over the wire: neither knows the other's file", () => {
  expectTypeOf<Shape<Receipt<TownStep>>>().toEqualTypeOf<Shape<v.InferOutput<typeof RoomReceipt>>>();
  expectTypeOf<Shape<Finalizer<TownStep>>>().toEqualTypeOf<Shape<v.InferOutput<typeof FinalizerOnTheWire>>>();
  expectTypeOf<Shape<Wake>>().toEqualTypeOf<Shape<v.InferOutput<typeof WakeOnTheWire>>>();
  for (const receipt of [emptyReceipt("Town t1", "closed"), stillbornReceipt("Town t1", "closed", 1)])
    expect(v.parse(v.strictObject(RoomReceipt.entries), receipt)).toEqual(receipt);
});
