import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, receiptOf } from "./ask.ts";
import { gone } from "./busy-town.ts";
import { ring } from "./clock.ts";
import { room } from "./rooms.ts";
import { idleTown } from "./scenes.ts";
import { soon } from "./soon.ts";
import { stored } from "./stored.ts";
import { Agent, type Town } from "./worker.ts";

afterEach(() => void vi.restoreAllMocks());

/** As a handler that was awaiting something when the room's life changed, and now sets the alarm that it found due. */
const armLate = (stub: DurableObjectStub<Town>, at: number | null): Promise<number | null> =>
  runInDurableObject(stub, async (instance, { storage }) => {
    (instance as unknown as { arm(at: number | null): void }).arm(at);
    await storage.sync();
    return storage.getAlarm();
  });

describe("R7, R9: the alarm of a room that isn't alive", () => {
  it.each([null, Date.now() + 86_400_000])(
    "is its end's while it is dying: no late handler moves it (to %s)",
    async (at) => {
      const town = await idleTown();
      const fault = vi
        .spyOn(Agent.prototype, "destroy")
        .mockRejectedValue(new Error("the agent's room is overloaded"));
      await call("DELETE", `/api/towns/${town}`);
      await soon(async () =>
        expect(await receiptOf(town)).toMatchObject({
          finalizers: expect.arrayContaining([
            expect.objectContaining({ name: "children", state: "due", reason: expect.any(String) }),
          ]),
        }),
      );
      const due = (await room.town(town).probe()).alarm;
      expect(due).not.toBeNull();

      expect(await armLate(room.town(town), at)).toBe(due);

      fault.mockRestore();
      await ring(room.town(town));
      await ring(room.user("owner"));
      expect(await gone(town)).toMatchObject({ state: "gone" });
      expect(await armLate(room.town(town), Date.now() + 60_000)).toBeNull();
    },
  );

  it("R5: is never set where nobody was born", async () => {
    const town = room.town("t".padEnd(21, "u"));
    expect(await armLate(town, Date.now() + 60_000)).toBeNull();
    expect(await stored(town)).toMatchObject({ alarm: null });
  });
});
