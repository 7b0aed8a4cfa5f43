import { emptyReceipt } from "../lifecycle/receipt.ts";
import type { Receipt } from "../protocol/receipt.ts";
import type { LedgerState } from "../ledger/ledger.ts";
import type { ContainerState, TownSummary } from "../protocol/town.ts";
import type { Located } from "../rooms/user.ts";

export interface TownRow {
  id: string;
  name: string;
  state: LedgerState;
  founded_at: number;
  charter: string;
  container: ContainerState;
  working: number;
  needs_you: number;
  cause: string | null;
  receipt: string | null;
  /** What the ledger was last told; behind `state`, it is owed. */
  ledger: string;
  attempts: number;
  due_at: number | null;
  reason: string | null;
  seq: number;
}

export const summaryOf = (row: TownRow): TownSummary => ({
  id: row.id,
  name: row.name,
  state: row.state,
  foundedAt: row.founded_at,
  container: row.container,
  working: row.working,
  needsYou: row.needs_you === 1,
  seq: row.seq,
});

export const receiptOf = (row: TownRow): Receipt | null =>
  row.receipt === null ? null : (JSON.parse(row.receipt) as Receipt);

/** Before a town has said anything of its end: what its owner knows by itself. */
const firstWords = (row: TownRow): Receipt => ({
  ...emptyReceipt(`Town ${row.id}`, row.cause ?? ""),
  agents: null,
  containerExit: null,
  branches: null,
});

export const locatedOf = (row: TownRow): Located => {
  if (row.state === "open" || row.state === "founding") return { state: row.state };
  return {
    state: row.state,
    name: row.name,
    foundedAt: row.founded_at,
    receipt: receiptOf(row) ?? firstWords(row),
    ...(row.reason !== null && { waitsFor: row.reason }),
  };
};
