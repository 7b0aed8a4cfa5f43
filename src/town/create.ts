import { NO_USAGE } from "../protocol/usage.ts";
import { enrol } from "./agents.ts";
import type { TownPorts } from "./ports.ts";
import type { TownRecord } from "./record.ts";
import { createTownSchema } from "./schema.ts";
import { Tx } from "./tx.ts";

/** Polecats at work at once, where the town says nothing else. */
const POLECATS = 3;

/** Schema, settings and the mayor on the roster. Called once, inside the founding's transaction. */
export const createTown = (
  ports: Pick<TownPorts, "sql" | "kv" | "now" | "newId" | "charter" | "config">,
): void => {
  createTownSchema(ports.sql);
  const now = ports.now();
  const record: TownRecord = {
    name: ports.charter.name,
    foundedAt: now,
    seq: 0,
    beads: 0,
    runs: 0,
    polecats: 0,
    processes: 0,
    runtime: "auto",
    model: null,
    sleepAfterMs: ports.config.sleepAfterMs,
    polecatCap: POLECATS,
    tokenCap: null,
    usage: NO_USAGE,
    toldOwner: "",
  };
  ports.kv.put("town", record);
  const tx = new Tx(ports.sql, ports.kv, now);
  enrol(tx, ports.charter, { name: "mayor", role: "mayor", charterId: ports.newId() });
  tx.note("life", "The town was founded.");
  tx.flush();
};
