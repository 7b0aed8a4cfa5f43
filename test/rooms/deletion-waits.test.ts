import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problem } from "../../src/protocol/problem.ts";
import { call } from "./ask.ts";
import { gone, TOMBSTONE } from "./busy-town.ts";
import { ring, takeClock } from "./clock.ts";
import { ledgerState, loseLedger } from "./lost-ledger.ts";
import { room } from "./rooms.ts";
import { idleTown } from "./scenes.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Town, User } from "./worker.ts";

beforeEach(() => vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("what a deletion waits for", () => {
  it("R20: a town's room that can't be reached: it is asked again, and the owner says why", async () => {
    const town = await idleTown();
    takeClock();
    const fault = vi.spyOn(Town.prototype, "destroy").mockRejectedValue(new Error("the room is overloaded"));
    await call("DELETE", `/api/towns/${town}`);
    await soon(async () =>
      expect((await call<object>("GET", `/api/towns/${town}`)).body).toMatchObject({
        state: "closing",
        container: { why: "Closing. The last try failed: the room is overloaded" },
      }),
    );
    expect((await call<object>("GET", `/api/towns/${town}/receipt`)).body).toMatchObject({
      state: "closing",
      waitsFor: "the room is overloaded",
    });
    fault.mockRestore();
    await ring(room.user("owner"));
    expect(await gone(town)).toMatchObject({ state: "gone" });
    expect((await call<object>("GET", `/api/towns/${town}/receipt`)).body).not.toHaveProperty("waitsFor");
  });

  it("R14, R20: its owner's room, to take the receipt: before that, nothing of the town's storage goes", async () => {
    const town = await idleTown();
    takeClock();
    const fault = vi
      .spyOn(User.prototype, "noteReceipt")
      .mockResolvedValue({ ok: false, problem: problem("unavailable", "It is too busy.") });
    await call("DELETE", `/api/towns/${town}`);
    await soon(async () =>
      expect((await call<object>("GET", `/api/towns/${town}`)).body).toMatchObject({
        state: "closing",
        container: { why: "Closing; waits for self: the owner did not take the receipt: It is too busy." },
      }),
    );
    expect((await stored(room.town(town))).tables["agents"]).toMatchObject([
      { name: "mayor", status: "ended" },
    ]);
    fault.mockRestore();
    await ring(room.town(town));
    await ring(room.user("owner"));
    expect(await gone(town)).toMatchObject({ state: "gone", agents: 1 });
  });

  it("R20: the ledger holds nothing up: the town is gone, and the owner says what it still owes", async () => {
    const town = await idleTown();
    takeClock();
    const giveBack = await loseLedger();
    await call("DELETE", `/api/towns/${town}`);
    expect(await gone(town)).toMatchObject({ state: "gone", agents: 1 });
    expect((await call("GET", `/api/towns/${town}`)).status).toBe(410);
    await soon(async () =>
      expect((await call<object>("GET", `/api/towns/${town}/receipt`)).body).toMatchObject({
        waitsFor: expect.stringContaining("no such table: towns"),
      }),
    );
    const { alarm, wake } = await room.user("owner").probe();
    expect(wake).toEqual({ at: alarm, why: "the ledger must be told of a town" });
    await giveBack();
    expect(await ledgerState(town)).not.toBe("gone");
    await ring(room.user("owner"));
    expect(await ledgerState(town)).toBe("gone");
    expect((await room.user("owner").probe()).alarm).toBeNull();
    expect((await call<object>("GET", `/api/towns/${town}/receipt`)).body).not.toHaveProperty("waitsFor");
  });
});

/** Every moment of a deletion at which its owner's room has a part, as the name of who is called then. */
const MOMENTS = {
  "it asks the town to end": [Town, "destroy", () => true],
  "the town closes its sockets": [Town, "finalize", (step) => step === "sockets"],
  "the town purges its container": [Town, "finalize", (step) => step === "container"],
  "the town ends its agents": [Town, "finalize", (step) => step === "children"],
  "the town says its last words": [Town, "lastWords", () => true],
  "it notes the receipt": [User, "noteReceipt", () => true],
  "it is asked about the town": [User, "locate", () => true],
} as const satisfies Record<
  string,
  readonly [typeof Town | typeof User, string, (first: unknown) => boolean]
>;

const alarmOf = async (stub: { probe(): Promise<{ alarm: number | null }> }) => (await stub.probe()).alarm;

/** Rings whatever is set until nothing is. */
const ringOut = async (town: string): Promise<void> => {
  for (let rings = 0; rings < 20; rings += 1) {
    const due = await Promise.all([alarmOf(room.town(town)), alarmOf(room.user("owner"))]);
    if (due[0] !== null) await ring(room.town(town));
    else if (due[1] !== null) await ring(room.user("owner"));
    else return;
  }
  throw new Error("it goes on for ever");
};

describe("the owner's room is lost", () => {
  it.for(Object.entries(MOMENTS))(
    "when %s: the deletion goes on, and all is written down",
    async ([, moment]) => {
      const [of, method, fits] = moment;
      const town = await idleTown();
      takeClock();
      const prototype = of.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
      const real = prototype[method] as (...args: unknown[]) => unknown;
      let lost = 0;
      prototype[method] = async function (this: unknown, ...args: unknown[]) {
        if (lost === 0 && fits(args[0])) {
          lost += 1;
          await runInDurableObject(room.user("owner"), (_user, state) => state.abort("lost")).catch(() => {});
        }
        return real.apply(this, args);
      };
      try {
        await call("DELETE", `/api/towns/${town}`).catch(() => {});
        await soon(async () => {
          await call("GET", `/api/towns/${town}`).catch(() => {});
          expect(lost).toBe(1);
        });
      } finally {
        prototype[method] = real;
      }
      await soon(() => ringOut(town));
      const receipt = await gone(town);
      expect(receipt.agents).toBe(1);
      expect(receipt.finalizers.map(({ name, state }) => [name, state])).toEqual([
        ["sockets", "done"],
        ["container", "done"],
        ["children", "done"],
        ["self", "done"],
      ]);
      expect(await room.town(town).probe()).toMatchObject(TOMBSTONE);
      expect(await ledgerState(town)).toBe("gone");
    },
  );
});
