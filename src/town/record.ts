import type { Runtime } from "../protocol/settings.ts";
import type { Usage } from "../protocol/usage.ts";
import type { Counts } from "./counts/rows.ts";
import type { ModelSettings } from "./ports.ts";

/** The town's small record: settings, counters, sums. One key, one row. */
export interface TownRecord {
  name: string;
  readonly foundedAt: number;
  /** The change counter that pages resume by. */
  seq: number;
  /** Last number given; none is ever given twice. A run's number is its fence. */
  beads: number;
  runs: number;
  polecats: number;
  processes: number;
  readonly counts: Counts;
  runtime: Runtime;
  model: ModelSettings | null;
  sleepAfterMs: number;
  polecatCap: number;
  tokenCap: number | null;
  usage: Usage;
  /** What the owner's room was last told, as JSON. */
  toldOwner: string;
}
