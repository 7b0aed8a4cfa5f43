import type { Ledger, LedgerRow, LedgerState } from "../../src/ledger/ledger.ts";
import { fullerReceipt } from "../../src/lifecycle/receipt.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";

const RANK: readonly LedgerState[] = ["founding", "open", "closing", "gone"];

interface Kept extends LedgerRow {
  readonly checkedAt: number;
  readonly receipt: Receipt | null;
  readonly forgottenAt: number | null;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The ledger as a list in memory, with the rules of `src/ledger/ledger.ts`. */
export const playLedger = (...given: LedgerRow[]): Ledger & { readonly rows: Map<string, Kept> } => {
  const rows = new Map<string, Kept>(
    given.map((row) => [row.id, { ...row, checkedAt: 0, receipt: null, forgottenAt: null }]),
  );
  const change = (id: string, columns: Partial<Kept>): void => {
    const row = rows.get(id);
    if (row !== undefined) rows.set(id, { ...row, ...columns });
  };
  const where = (fits: (row: Kept) => boolean, by: (row: Kept) => number, limit: number): Kept[] =>
    [...rows.values()]
      .filter(fits)
      .toSorted((a, b) => a.checkedAt - b.checkedAt || by(a) - by(b))
      .slice(0, limit);
  return {
    rows,
    put: async (row, told) => {
      const known = rows.get(row.id);
      const receipt = told?.finalizers.length === 0 ? fullerReceipt(known?.receipt ?? null, told) : told;
      if (known === undefined)
        rows.set(row.id, { ...row, checkedAt: 0, receipt: receipt ?? null, forgottenAt: null });
      else if (RANK.indexOf(row.state) > RANK.indexOf(known.state))
        change(row.id, { ...row, receipt: receipt ?? known.receipt });
      else if (row.state === known.state && known.receipt === null && receipt !== undefined)
        change(row.id, { ...row, receipt });
    },
    get: async (id) => rows.get(id) ?? null,
    suspects: async (states, before, limit) =>
      where(
        (row) => states.includes(row.state) && row.changedAt < before && row.checkedAt < before,
        (row) => row.changedAt,
        limit,
      ),
    unchecked: async (before, limit) =>
      where(
        (row) => row.state === "open" && row.checkedAt < before,
        (row) => row.checkedAt,
        limit,
      ),
    tombstones: async (before, checkedBefore, limit) =>
      where(
        (row) =>
          row.state === "gone" &&
          row.changedAt < before &&
          row.checkedAt < checkedBefore &&
          row.forgottenAt === null,
        (row) => row.changedAt,
        limit,
      ).map((row) => ({ ...row, agents: row.receipt?.agents ?? 0 })),
    forgotten: async (id, forgottenAt) => change(id, { forgottenAt }),
    unname: async (ids) => {
      for (const id of ids) change(id, { name: "" });
    },
    checked: async (id, checkedAt) => change(id, { checkedAt }),
  };
};
