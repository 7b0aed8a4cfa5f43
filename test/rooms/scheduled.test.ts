import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { problem } from "../../src/protocol/problem.ts";
import { TOMBSTONE } from "./busy-town.ts";
import { room } from "./rooms.ts";
import { idleTown } from "./scenes.ts";
import worker, { User } from "./worker.ts";

afterEach(() => void vi.restoreAllMocks());

/** What the cloud's cron does. */
const cron = (): Promise<void> => worker.scheduled(createScheduledController({ cron: "*/15 * * * *" }), env);

/** Makes every row of the ledger old enough to be a suspect. */
const age = () => env.LEDGER.exec("UPDATE towns SET changed_at = 0, checked_at = 0");

const row = (town: string) =>
  env.LEDGER.prepare("SELECT state, checked_at FROM towns WHERE id = ?").bind(town).first();

describe("the cron", () => {
  it("R17: sweeps: ends a town that nobody claims, and leaves those that are claimed", async () => {
    const town = await idleTown();
    const lost = "t".padEnd(21, "l");
    await env.LEDGER.prepare(
      "INSERT INTO towns (id, owner, name, state, changed_at) VALUES (?, 'nobody', 'Lost', 'closing', 0)",
    )
      .bind(lost)
      .run();
    await age();
    await cron();
    expect(await row(lost)).toMatchObject({ state: "gone" });
    expect(await room.town(lost).probe()).toMatchObject(TOMBSTONE);
    expect(await row(town)).toMatchObject({ state: "open", checked_at: expect.any(Number) });
    expect((await row(town))?.["checked_at"]).not.toBe(0);
    expect(await room.town(town).probe()).toMatchObject({ vital: "alive" });
  });

  it.each(["unavailable", "unexpected", "forbidden"] as const)(
    "R21: an owner's room that answers with a fault (%s) claims no less: nothing is ended",
    async (kind) => {
      const town = await idleTown();
      vi.spyOn(console, "error").mockImplementation(() => {});
      const fault = vi
        .spyOn(User.prototype, "locate")
        .mockResolvedValue({ ok: false, problem: problem(kind, "It is too busy.") });
      await age();
      await cron();
      expect(fault).toHaveBeenCalled();
      expect(await row(town)).toMatchObject({ state: "open" });
      expect(await room.town(town).probe()).toMatchObject({ vital: "alive" });
    },
  );
});
