import { isDeepStrictEqual } from "node:util";
import type { Host } from "./platform/host.ts";
import type { Invariants } from "./invariants.ts";
import type { Setting } from "./scenes.ts";
import type { Ending } from "./schedule.ts";
import { OWNER, type World } from "./world.ts";

/** Longer than every wait of a room, and than the sweep's grace. */
const LONG_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The faults are over: all that was held up comes through, and what has to end has ended by then. */
export const checkEnd = async (
  world: World,
  invariants: Invariants,
  setting: Setting,
  ending: Ending,
): Promise<void> => {
  const { platform, scheduler } = world;
  scheduler.releaseHeld();
  platform.ledger.isDown = false;
  await untilEnded(world, setting, ending);
  // The third net: what lost its alarm is found by the sweep.
  for (const ms of [0, LONG_MS, DAY_MS]) {
    await world.settle(ms);
    await scheduler.act("* the cron sweeps", () => world.sweep());
    await world.settle(LONG_MS);
  }
  checkQuiet(world, invariants, setting, ending);
};

/** Whoever was refused or not heard asks again, as people do. */
const untilEnded = async (world: World, { bystander }: Setting, ending: Ending): Promise<void> => {
  await world.settle(LONG_MS);
  if (ending === "account") {
    void world.closeAccount();
    await world.settle(LONG_MS);
    return;
  }
  for (const { id, state } of world.towns())
    if (id !== bystander && (state === "open" || state === "founding")) void world.closeTown(id);
  await world.settle(LONG_MS);
};

const stateOf = (host: Host): string =>
  (host.storage.kv.get("vital") as { state: string } | undefined)?.state ?? "unborn";

const checkQuiet = (world: World, invariants: Invariants, { bystander }: Setting, ending: Ending): void => {
  const { platform } = world;
  const lives = (name: string): boolean => ending === "town" && name.split(".")[0] === bystander;
  for (const host of platform.hosts.values()) {
    const { label, storage } = host;
    if (storage.alarm !== null) invariants.fail(`R7: nothing is left to do, and ${label} has an alarm`);
    if (host.className === "User") {
      if (stateOf(host) !== (ending === "account" ? "dead" : "alive"))
        invariants.fail(`${label} is ${stateOf(host)} in the end`);
    } else if (host.className === "TownContainer") {
      if (storage.kv.size + storage.tables.length > 1 || (storage.kv.size === 1 && storage.kv.get("dead") !== true))
        invariants.fail(`C10: of ${label} is left ${[...storage.kv.keys(), ...storage.tables].join(", ")}`);
    } else if (lives(host.name)) {
      if (stateOf(host) !== "alive") invariants.fail(`${label} had nothing to do with it and is ${stateOf(host)}`);
    } else if (stateOf(host) !== "dead" && !(stateOf(host) === "unborn" && storage.kv.size === 0))
      invariants.fail(`R10: ${label} is ${stateOf(host)} in the end`);
  }
  if (platform.machine.processes.length > 0) invariants.fail("a container runs in the end");
  checkBooks(world, invariants, bystander, ending);
  const last = world.swept.at(-1);
  if (last?.healed !== 0 || last.errors !== 0)
    invariants.fail(`the last sweep found something to heal: ${JSON.stringify(last)}`);
};

/** The owner's list and the ledger say what is true, and keep the receipt. */
const checkBooks = (world: World, invariants: Invariants, bystander: string, ending: Ending): void => {
  for (const row of world.ledger()) {
    const expected = ending === "town" && row.id === bystander ? "open" : "gone";
    if (row.state !== expected) invariants.fail(`the ledger says that ${row.id} is ${row.state}`);
    if (expected === "gone" && row.receipt === null) invariants.fail(`R14: the ledger has no receipt of ${row.id}`);
  }
  if (ending === "account") return;
  for (const row of world.towns()) {
    const town = world.host("Town", row.id);
    if (row.state !== (row.id === bystander ? "open" : "gone"))
      invariants.fail(`the owner's list says that ${row.id} is ${row.state}`);
    if (row.due_at !== null) invariants.fail(`something is due of ${row.id}`);
    if (row.state === "gone" && stateOf(town) !== "dead") invariants.fail(`${town.label} has no tombstone`);
  }
};

void isDeepStrictEqual;
void OWNER;
