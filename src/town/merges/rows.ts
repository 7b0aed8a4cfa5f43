import { table } from "../table.ts";

/** The result of one gate in one merge run, as JSON with 64 KiB of output at most. */
export interface GateRow {
  bead: number;
  run: number;
  n: number;
  result: string;
}

export const GATES = table<GateRow>()("gates", "bead");
