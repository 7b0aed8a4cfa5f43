import { withDeadline } from "../../deadline.ts";
import type { Answer } from "../../protocol/problem.ts";
import type { Receipt } from "../../protocol/receipt.ts";

/** Who hears what a town knows of its end before its storage goes. */
export interface LastWordsPorts {
  readonly tellOwner: (receipt: Receipt) => Promise<Answer<null>>;
  /** Keeps it in the ledger. */
  readonly keep: (receipt: Receipt) => Promise<void>;
}

const LEDGER_MS = 10_000;

/**
 * Tells the owner. One who is gone needs no word: then the ledger keeps the receipt, but it must hold up no
 * end.
 *
 * @throws Error when the owner could not be told; then it is tried again
 */
export const lastWords = async ({ tellOwner, keep }: LastWordsPorts, receipt: Receipt): Promise<void> => {
  const told = await tellOwner(receipt);
  if (told.ok) return;
  if (told.problem.kind !== "gone" && told.problem.kind !== "not-found")
    throw new Error(`the owner did not take the receipt: ${told.problem.detail}`);
  await withDeadline(keep(receipt), LEDGER_MS).catch((error: unknown) =>
    console.error(`the ledger did not take the receipt of ${receipt.room}:`, error),
  );
};
