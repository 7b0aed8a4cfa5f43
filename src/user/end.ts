import { count } from "../count.ts";
import { fullerReceipt } from "../lifecycle/receipt.ts";
import type { Receipt } from "../protocol/receipt.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UserId } from "../protocol/primitives.ts";
import type { Sql } from "../sql.ts";
import { ifThere } from "../storage/tables.ts";
import { receiptOf, type TownRow } from "./rows.ts";

/** The steps of a user's end, in their order. */
export const USER_STEPS = ["sockets", "children"] as const;
export type UserStep = (typeof USER_STEPS)[number];

/** What a dying user needs to end its towns: its domain is no longer alive. */
export interface UserEndPorts {
  readonly sql: Sql;
  readonly user: UserId;
  readonly now: () => number;
  readonly ledger: Ledger;
  readonly destroyTown: (town: string) => Promise<Receipt>;
}

/**
 * Ends every town of a user whose account is closed. A town is struck off when it is gone and the
 * ledger has its receipt, since this room won't be there to keep it. What the towns were called goes with
 * their owner.
 *
 * @returns how many towns there ever were
 * @throws what the first town that is not gone waits for
 */
export const endTowns = async (ports: UserEndPorts): Promise<string> => {
  const { sql, user, now, ledger, destroyTown } = ports;
  const end = async (row: TownRow): Promise<void> => {
    const known = receiptOf(row);
    const receipt =
      row.state === "gone" && known !== null ? known : fullerReceipt(known, await destroyTown(row.id));
    if (receipt.state !== "gone") throw new Error(`town ${row.id} is still closing`);
    await ledger.put({ id: row.id, owner: user, name: row.name, state: "gone", changedAt: now() }, receipt);
    sql.run("UPDATE towns SET state = 'gone', ledger = 'gone' WHERE id = ?", row.id);
  };
  const rows = ifThere(sql, "towns", [], () =>
    sql.all<TownRow>("SELECT * FROM towns WHERE ledger <> 'gone'"),
  );
  const ended = await Promise.allSettled(rows.map(end));
  const failed = ended.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  const all = ifThere(sql, "towns", [], () => sql.all<Pick<TownRow, "id">>("SELECT id FROM towns"));
  await ledger.unname(all.map(({ id }) => id));
  return count(all.length, "town");
};
