import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { type Curfew, startCurfew } from "../support/curfew.ts";
import { eventually } from "../support/eventually.ts";

const LOST = `t${"a".repeat(20)}`;

const withLedger = <T>(curfew: Curfew, use: (ledger: DatabaseSync) => T): T => {
  const folder = join(curfew.state, "worker", "v3", "d1", "miniflare-D1DatabaseObject");
  const file = readdirSync(folder).find((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)) ?? "";
  const ledger = new DatabaseSync(join(folder, file), { timeout: 5000 });
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
};

it("the sweep runs by itself where no cron does, and ends a town that nobody claims", async () => {
  await using curfew = await startCurfew({ env: { CURFEW_SWEEP_EVERY: "200ms" } });
  withLedger(curfew, (ledger) => {
    ledger
      .prepare(
        "INSERT INTO towns (id, owner, name, state, changed_at) VALUES (?, 'nobody', 'Lost', 'closing', 0)",
      )
      .run(LOST);
  });

  const swept = await eventually(
    "the end of the town",
    () => withLedger(curfew, (ledger) => ledger.prepare("SELECT state FROM towns WHERE id = ?").get(LOST)),
    (row) => row?.["state"] === "gone",
  );

  expect(swept).toEqual({ state: "gone" });
  const { body } = await curfew.api("GET", `/api/admin/rooms/Town/${LOST}`);
  expect(body).toMatchObject({ vital: "dead", alarm: null });
});
