import type { Env } from "./env.ts";
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

const describe = (probed: Probed | string, receipt: Receipt): string => {
  if (typeof probed === "string") return probed;
  if (isGone(probed)) return "only a tombstone";
  return isForgotten(probed, receipt)
    ? "nothing, not even its tombstone"
    : `${probed.vital}, ${probed.keys.length} keys, ${probed.tables.length} tables, alarm ${probed.alarm ?? "none"}`;
};

/**
 * Looks again at what a receipt says is gone. The container's object is not addressed, since its
 * constructor writes: what is said of it comes from the receipt.
 */
export const verify = async (env: Env, town: string, receipt: Receipt): Promise<Verified> => {
  const looked = [{ room: `Town ${town}`, probed: await probe(env.Town, town) }];
  const names = agentNames(receipt.agents);
  for (let from = 0; from < names.length; from += AT_ONCE)
    looked.push(
      ...(await Promise.all(
        names.slice(from, from + AT_ONCE).map(async (name) => ({
          room: `Agent ${town}.${name}`,
          probed: await probe(env.Agent, `${town}.${name}`),
        })),
      )),
    );
  const findings = looked.map(({ room, probed }) => ({ room, found: describe(probed, receipt) }));
  const container = receipt.finalizers.find((step) => step.name === "container");
  // A town that never came to life had none.
  const purged = container?.state === "done" || (receipt.state === "gone" && container === undefined);
  findings.push({
    room: `TownContainer ${town}`,
    found: purged ? `purged (${container?.detail ?? "never started"})` : "not purged yet",
  });
  return {
    ok:
      purged &&
      looked.every(
        ({ probed }) => typeof probed !== "string" && (isGone(probed) || isForgotten(probed, receipt)),
      ),
    at: Date.now(),
    findings,
  };
};
