import { NO_USAGE } from "../protocol/usage.ts";
import { establish } from "../storage/migrations.ts";
import { enrol } from "./agents/actions.ts";
import { NO_COUNTS } from "./counts/rows.ts";
import { note } from "./diary/actions.ts";
import { TOWN_MIGRATIONS } from "./features.ts";
import type { TownPorts } from "./ports.ts";
import type { TownRecord } from "./record.ts";
import { Tx } from "./tx.ts";

/** Polecats at work at once, where the town says nothing else. */
const POLECATS = 3;

/** Schema, settings and the mayor on the roster. Called once, inside the founding's transaction. */
export const createTown = (ports: TownPorts): void => {
  establish(ports, TOWN_MIGRATIONS);
  const now = ports.now();
  const record: TownRecord = {
    name: ports.charter.name,
    foundedAt: now,
    seq: 0,
    beads: 0,
    runs: 0,
    polecats: 0,
    processes: 0,
    counts: NO_COUNTS,
    runtime: "auto",
    model: null,
    sleepAfterMs: ports.config.sleepAfterMs,
    polecatCap: POLECATS,
    tokenCap: null,
    usage: NO_USAGE,
    toldOwner: "",
  };
  ports.kv.put("town", record);
  const tx = new Tx(ports.sql, ports, now);
  enrol(tx, "mayor", "mayor");
  note(tx, "life", "The town was founded.");
  tx.flush();
};
