import { env } from "cloudflare:workers";

/** Takes the ledger's table away. @returns gives it back */
export const loseLedger = async (): Promise<() => Promise<unknown>> => {
  await env.LEDGER.exec("ALTER TABLE towns RENAME TO lost");
  return () => env.LEDGER.exec("ALTER TABLE lost RENAME TO towns");
};

/** What the ledger says of a town. */
export const ledgerState = (town: string): Promise<unknown> =>
  env.LEDGER.prepare("SELECT state FROM towns WHERE id = ?").bind(town).first("state");
