import type { Env } from "./env.ts";
import { inBatches } from "./in-batches.ts";
import { TOMBSTONE_MS } from "./lifecycle/tombstone.ts";
import type { Charter } from "./lifecycle/vital.ts";
import type { Receipt, TownReceipt } from "./protocol/receipt.ts";
import type { Probe, RoomRpc } from "./rooms/room.ts";
import { rooms } from "./rooms/rooms.ts";
import { agentNames } from "./town/agents/names.ts";

export type Verified = NonNullable<TownReceipt["verified"]>;

/** Rooms that are looked at, at once. */
const AT_ONCE = 20;

/** What a room says of itself, or why it could not be asked. */
const probe = async (asked: Pick<RoomRpc<Charter>, "probe">): Promise<Probe | string> => {
  try {
    return await asked.probe();
  } catch (error) {
    return `it could not be asked: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** A room is gone when nothing is left but its tombstone. */
export const isGone = (probed: Probe): boolean =>
  probed.vital === "dead" && probed.keys.length === 1 && probed.tables.length === 0 && probed.alarm === null;

/** Tombstones are removed in the end; then there is nothing at all. */
const isForgotten = ({ vital, keys, tables, alarm }: Probe, { endedAt }: Receipt): boolean =>
  vital === "unborn" &&
  keys.length + tables.length === 0 &&
  alarm === null &&
  endedAt !== null &&
  endedAt < Date.now() - TOMBSTONE_MS;

/** What a look found, and whether it is as the receipt says. */
const judge = (
  probed: Probe | string,
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

const NEVER_STARTED = "never started";

/** Where containers are plain processes nobody can know more. */
const UNSEEN = "processes that left their group and their environment can't be seen";

/** What the receipt says of the container, and no more than that: a look would leave a trace. */
export const judgeContainer = (
  { finalizers, state }: Pick<Receipt, "finalizers" | "state">,
  isPlainProcesses: boolean,
): { readonly found: string; readonly ok: boolean } => {
  const step = finalizers.find(({ name }) => name === "container");
  // A town that never came to life had none.
  const ok = step?.state === "done" || (state === "gone" && step === undefined);
  if (!ok) return { found: "not purged yet", ok };
  const detail = step?.detail ?? NEVER_STARTED;
  const isUnsure = isPlainProcesses && detail !== NEVER_STARTED;
  return { found: isUnsure ? `purged (${detail}); ${UNSEEN}` : `purged (${detail})`, ok };
};

/**
 * Looks again at what a receipt says is gone. The container's object is not addressed, since its
 * constructor writes: what is said of it comes from the receipt.
 */
export const verify = async (env: Env, town: string, receipt: Receipt): Promise<Verified> => {
  const look = async (room: string, asked: Pick<RoomRpc<Charter>, "probe">) => ({
    room,
    ...judge(await probe(asked), receipt),
  });
  const looked = [
    await look(`Town ${town}`, rooms(env).town(town)),
    ...(await inBatches(agentNames(receipt.agents ?? 0), AT_ONCE, (name) =>
      look(`Agent ${town}.${name}`, rooms(env).agent(town, name)),
    )),
  ];
  const findings = looked.map(({ room, found }) => ({ room, found }));
  const container = judgeContainer(receipt, env.CURFEW_ENGINE === "process");
  findings.push({ room: `TownContainer ${town}`, found: container.found });
  return {
    ok: container.ok && looked.every(({ ok }) => ok),
    at: Date.now(),
    findings,
  };
};
