import type { LedgerState } from "../../src/ledger/ledger.ts";
import { stillbornReceipt } from "../support/stillborn.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import type { UserFrame } from "../../src/protocol/browser/user-frame.ts";
import type { Answer } from "../../src/protocol/problem.ts";
import type { Town as TownView } from "../../src/protocol/town.ts";
import type { TownCharter } from "../../src/rooms/town.ts";
import { User, type UserPorts } from "../../src/user/user.ts";
import { playLedger } from "../ledger/played-ledger.ts";
import { openStorage } from "../support/sqlite.ts";

/** A town's receipt with everything that a real one tells. */
export const fullReceipt = (town: string, state: Receipt["state"] = "gone"): Receipt => ({
  ...stillbornReceipt(`Town ${town}`, "closed", 5),
  state,
  agents: 3,
  finalizers: (["sockets", "container", "children", "self"] as const).map((name) => ({
    name,
    state: state === "gone" || name !== "self" ? "done" : "due",
    attempts: 1,
    notBefore: 0,
    doneAt: 5,
    reason: null,
    detail: `${name} done`,
  })),
});

/** A user's domain with towns and a ledger that are played. Time stands still until it is moved. */
export const openWorld = () => {
  const storage = openStorage();
  const time = { now: 1_000_000 };
  const ledger = playLedger();
  let alarm: number | null = null;
  let ids = 0;
  let background: Promise<void>[] = [];
  /** Everything that was done outside, in order. */
  const did: string[] = [];
  const played = {
    found: async (_charter: TownCharter): Promise<Answer<null>> => ({ ok: true, value: null }),
    destroy: async (town: string): Promise<Receipt> => fullReceipt(town),
    /** Thrown by the ledger while it is set. */
    ledgerFault: null as string | null,
    frames: [] as UserFrame[],
  };
  const ports: UserPorts = {
    sql: storage.sql,
    kv: storage.kv,
    user: "owner",
    transaction: storage.transaction,
    now: () => time.now,
    newTownId: () => `town-${(ids += 1)}`,
    newId: () => `id-${(ids += 1)}`,
    arm: (at) => {
      alarm = at;
    },
    background: (work) => void background.push(work),
    ledger: {
      ...ledger,
      put: async (row, receipt) => {
        if (played.ledgerFault !== null) throw new Error(played.ledgerFault);
        did.push(`ledger ${row.state}`);
        await ledger.put(row, receipt);
      },
    },
    towns: {
      found: (charter) => {
        did.push("found");
        return played.found(charter);
      },
      describe: async (id) => ({ ok: true, value: { id } as TownView }),
      destroy: (town) => {
        did.push("destroy");
        return played.destroy(town);
      },
    },
    viewers: { any: () => true, send: (text) => void played.frames.push(JSON.parse(text) as UserFrame) },
  };
  User.create(ports);
  let user = new User(ports);
  const settled = async (): Promise<void> => {
    while (background.length > 0) await Promise.all(background.splice(0));
  };
  return {
    storage,
    time,
    ledger,
    did,
    played,
    get user() {
      return user;
    },
    get alarm() {
      return alarm;
    },
    settled,
    /** A new instance on the same storage: what was only in memory is lost. */
    evict: () => {
      background = [];
      user = new User(ports);
    },
    /** Rings the alarm at its time. */
    ring: async (): Promise<void> => {
      if (alarm === null) throw new Error("no alarm is set");
      time.now = Math.max(time.now, alarm);
      alarm = null;
      await user.onAlarm();
      await settled();
    },
    inLedger: (town: string): LedgerState | undefined => ledger.rows.get(town)?.state,
  };
};
