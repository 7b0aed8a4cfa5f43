import type { Env } from "./env.ts";
import { inBatches } from "./in-batches.ts";
import { TOMBSTONE_MS } from "./ledger/sweep.ts";
import type { Receipt } from "./lifecycle/receipt.ts";
import type { Wake } from "./lifecycle/wake.ts";
import type { TownReceipt } from "./protocol/receipt.ts";
import { agentNames } from "./town/agent-names.ts";

export type Verified = NonNullable<TownReceipt["verified"]>;

/** The look of any room: bare RPC, which wakes nothing and creates nothing. */
export interface Probed {
  readonly vital: string;
  readonly keys: readonly string[];
  readonly tables: readonly string[];
  readonly bytes: number;
  readonly alarm: number | null;
  readonly wake: Wake | null;
}

/** Rooms that are looked at, at once. */
const AT_ONCE = 20;

/** What a room says of itself, or why it could not be asked. */
const probe = async (namespace: DurableObjectNamespace, name: string): Promise<Probed | string> => {
  try {
    return await (namespace.getByName(name) as unknown as { probe(): Promise<Probed> }).probe();
  } catch (error) {
    return `it could not be asked: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** A room is gone when nothing is left but its tombstone. */
export const isGone = (probed: Probed): boolean =>
  probed.vital === "dead" && probed.keys.length === 1 && probed.tables.length === 0 && probed.alarm === null;

/** Tombstones are removed in the end; then there is nothing at all. */
const isForgotten = ({ vital, keys, tables, alarm }: Probed, { endedAt }: Receipt): boolean =>
  vital === "unborn" &&
  keys.length + tables.length === 0 &&
  alarm === null &&
  endedAt !== null &&
  endedAt < Date.now() - TOMBSTONE_MS;

/** What a look found, and whether it is as the receipt says. */
const judge = (
  probed: Probed | string,
  receipt: Receipt,
): { readonly found: string; readonly ok: boolean } => {
  if (typeof probed === "string") return { found: probed, ok: false };
  if (isGone(probed)) return { found: "only a tombstone", ok: true };
  if (isForgotten(probed, receipt)) return { found: "nothing, not even its tombstone", ok: true };
  const { vital, keys, tables, alarm } = probed;
  return {
    found: `${vital}, ${keys.length} keys, ${tables.length} tables, alarm ${alarm ?? "none"}`,
    ok: false,
  };
};

/**
 * Looks again at what a receipt says is gone. The container's object is not addressed, since its
 * constructor writes: what is said of it comes from the receipt.
 */
export const verify = async (env: Env, town: string, receipt: Receipt): Promise<Verified> => {
  const look = async (namespace: DurableObjectNamespace, room: string, name: string) => ({
    room,
    ...judge(await probe(namespace, name), receipt),
  });
  const looked = [
    await look(env.Town, `Town ${town}`, town),
    ...(await inBatches(agentNames(receipt.agents), AT_ONCE, (name) =>
      look(env.Agent, `Agent ${town}.${name}`, `${town}.${name}`),
    )),
  ];
  const findings = looked.map(({ room, found }) => ({ room, found }));
  const container = receipt.finalizers.find((step) => step.name === "container");
  // A town that never came to life had none.
  const purged = container?.state === "done" || (receipt.state === "gone" && container === undefined);
  findings.push({
    room: `TownContainer ${town}`,
    found: purged ? `purged (${container?.detail ?? "never started"})` : "not purged yet",
  });
  return {
    ok: purged && looked.every(({ ok }) => ok),
    at: Date.now(),
    findings,
  };
};
