import { withDeadline } from "../deadline.ts";
import type { Receipt } from "../protocol/receipt.ts";
import { TOMBSTONE_MS } from "../lifecycle/tombstone.ts";
import type { Located } from "../rooms/user.ts";
import type { Ledger, LedgerRow } from "./ledger.ts";

/** What a sweep did. In health, `healed` is 0. */
export interface Swept {
  readonly examined: number;
  readonly healed: number;
  readonly skipped: number;
  readonly errors: number;
}

export interface SweepPorts {
  readonly ledger: Ledger;
  now(): number;
  /** Left alone for so long after its last change. */
  readonly graceMs: number;
  /** Suspects a run. */
  readonly cap: number;
  /** What the owner says of the town; `null`: it is not theirs, or there is no such owner. */
  claimed(row: LedgerRow): Promise<Located | null>;
  /** The one way to end a town that has an owner. */
  close(row: LedgerRow): Promise<void>;
  /** The way to end a town that nobody claims. */
  destroy(row: LedgerRow): Promise<Receipt>;
  /** Removes the tombstones of a town that has been gone since before `goneBefore`, its agents' too. */
  forget(row: LedgerRow & { readonly agents: number }, goneBefore: number): Promise<void>;
}

/** Open towns are looked at once a day, a few a run. */
const RECHECK_MS = 86_400_000;
/** A town that doesn't answer holds up no other; what was asked of it, it goes on with by itself. */
const TOWN_MS = 15_000;

type Verdict = "healed" | "skipped";

/**
 * Looks at the towns that are not where they should be: founding or closing for too long, and, paged
 * and slow, open ones that nobody claims. An error of a store is no reason to kill: it skips.
 */
export const runSweep = async (ports: SweepPorts): Promise<Swept> => {
  const { ledger, cap } = ports;
  const now = ports.now();
  const overdue = await ledger.suspects(["founding", "closing"], now - ports.graceMs, cap);
  const open = await ledger.unchecked(now - RECHECK_MS, cap);
  // Neither kind takes all the room: half of it is for each, as far as it needs it.
  const suspects = [...overdue.slice(0, Math.max(Math.ceil(cap / 2), cap - open.length)), ...open].slice(
    0,
    cap,
  );
  let healed = 0;
  let skipped = 0;
  let errors = 0;
  for (const row of suspects) {
    // Before it is looked at: a run that is cut off in the middle must not begin with it again.
    await ledger.checked(row.id, now).catch(() => undefined);
    try {
      const verdict = await withDeadline(look(ports, row), TOWN_MS);
      if (verdict === "healed") healed += 1;
      else skipped += 1;
    } catch (error) {
      errors += 1;
      console.error(`sweep: ${row.id}:`, error instanceof Error ? error.message : error);
    }
  }
  errors += await removeTombstones(ports, now);
  return { examined: suspects.length, healed, skipped, errors };
};

/** @returns how many could not be removed; they are tried again a day later */
const removeTombstones = async (ports: SweepPorts, now: number): Promise<number> => {
  const goneBefore = now - TOMBSTONE_MS;
  let errors = 0;
  for (const row of await ports.ledger.tombstones(goneBefore, now - RECHECK_MS, ports.cap)) {
    await ports.ledger.checked(row.id, now).catch(() => undefined);
    try {
      await withDeadline(ports.forget(row, goneBefore), TOWN_MS);
      await ports.ledger.forgotten(row.id, now);
    } catch (error) {
      errors += 1;
      console.error(`sweep: ${row.id}:`, error instanceof Error ? error.message : error);
    }
  }
  return errors;
};

const look = async (ports: SweepPorts, row: LedgerRow): Promise<Verdict> => {
  const { ledger } = ports;
  const claimed = await ports.claimed(row);
  const at = ports.now();
  if (claimed === null) {
    // First, so that it is a suspect until it is gone, whatever becomes of this run.
    await ledger.put({ ...row, state: "closing", changedAt: at });
    const receipt = await ports.destroy(row);
    const state = receipt.state === "gone" ? "gone" : "closing";
    await ledger.put({ ...row, state, changedAt: at }, receipt);
    return "healed";
  }
  switch (claimed.state) {
    case "open":
      if (row.state === "open") return "skipped";
      if (row.state === "closing") {
        // The ledger says closing, the owner does not: closing is what somebody asked for.
        await ports.close(row);
        return "healed";
      }
      // Claimed and alive: only the row was left behind.
      await ledger.put({ ...row, state: "open", changedAt: at });
      return "healed";
    case "founding":
    case "closing":
      await ports.close(row);
      return "healed";
    case "gone":
      // With its receipt: the owner, who comes later, can't add it to a row that says gone.
      await ledger.put({ ...row, state: "gone", changedAt: at }, claimed.receipt);
      return "healed";
  }
};
