import type { Receipt } from "../../src/protocol/receipt.ts";
import type { Host } from "./platform/host.ts";
import type { Invariants } from "./invariants.ts";
import type { Setting } from "./scenes.ts";
import type { World } from "./world.ts";

/** What is to end: the setting's town or those that were founded meanwhile, the account, or nothing. */
export type Ending = "town" | "account" | "nothing";

/** Longer than every wait of a room, than the sweep's grace, and than the backstop of a container. */
const LONG_MS = 2 * 3_600_000;
/** The sweep looks at open towns as often. */
const DAY_MS = 86_400_000;
const DAYS = 3;

/**
 * The faults are over: all that was held up comes through, whoever was not heard asks again, and the
 * sweep finds what lost its alarm. Then everything that has to end has ended, and nothing else.
 */
export const checkEnd = async (
  world: World,
  invariants: Invariants,
  setting: Setting,
  ending: Ending,
): Promise<void> => {
  const { platform, scheduler } = world;
  scheduler.releaseHeld();
  platform.ledger.isDown = false;
  await world.settle(LONG_MS);
  const stray = whatRunsAstray(world);
  if (stray !== null) invariants.fail(stray);
  if (ending === "account") void world.closeAccount();
  if (ending === "town")
    for (const { id, state } of world.towns())
      if (id !== setting.bystander && (state === "open" || state === "founding")) void world.closeTown(id);
  await world.settle(LONG_MS);
  let wrong = whatIsWrong(world, setting, ending);
  for (let day = 0; wrong !== null && day < DAYS; day += 1) {
    await world.settle(DAY_MS);
    await sweep(world);
    wrong = whatIsWrong(world, setting, ending);
  }
  if (wrong !== null) invariants.fail(`in the end ${wrong}`);
};

const sweep = async (world: World): Promise<void> => {
  await world.scheduler.act("* the cron sweeps", () => world.sweep());
  await world.settle(LONG_MS);
};

/** When all is as it should be, a sweep finds nothing to heal, and changes nothing. */
export const checkHealth = async (world: World, invariants: Invariants): Promise<void> => {
  await sweep(world);
  const last = world.swept.at(-1);
  if (last?.healed !== 0 || last.errors !== 0)
    invariants.fail("in the end the sweep finds something to heal");
};

const stateOf = ({ storage }: Host): string =>
  (storage.kv.get("vital") as { state: string } | undefined)?.state ?? "unborn";

/** A container that its living town doesn't know of must have ended by now. */
const whatRunsAstray = (world: World): string | null => {
  for (const { town, life } of world.platform.machine.processes) {
    const record = world.host("Town", town).storage.kv.get("container") as
      | { life: number; state: string }
      | undefined;
    if (record?.life !== life || record.state === "asleep")
      return `life ${life} of the container of ${town} is over, and still runs (C2)`;
  }
  return null;
};

const whatIsWrong = (world: World, { bystander }: Setting, ending: Ending): string | null => {
  // Where nothing has to end, what nobody happened to end lives.
  const towns = ending === "nothing" ? world.towns().filter(({ state }) => state === "open") : [];
  const open = new Set(ending === "town" ? [bystander] : towns.map(({ id }) => id));
  const lives = (town: string | undefined): boolean => town !== undefined && open.has(town);
  for (const host of world.platform.hosts.values()) {
    if (host.storage.alarm !== null) return `nothing is left to do, and ${host.label} has an alarm (R7)`;
    const wrong =
      host.className === "TownContainer"
        ? leftOfContainer(host, lives(host.name))
        : leftOfRoom(host, fateOf(world, host, lives, ending));
    if (wrong !== null) return wrong;
  }
  const [process] = world.platform.machine.processes;
  if (process !== undefined) return `the container of ${process.town} runs`;
  return wrongInBooks(world, lives, ending);
};

/** What a room has to be in the end; `null`: it depends on who came first. */
const fateOf = (
  world: World,
  { className, name }: Host,
  lives: (town: string | undefined) => boolean,
  ending: Ending,
): "alive" | "gone" | null => {
  if (className === "User") return ending === "account" ? "gone" : "alive";
  const [town = "", agent] = name.split(".");
  if (!lives(town)) return "gone";
  if (agent === undefined) return "alive";
  // Retired agents end while their town lives; and not every agent is founded at once.
  const { storage } = world.host("Town", town);
  const row = storage.exec("SELECT status, founded FROM agents WHERE name = ?", agent)[0];
  if (row === undefined || row["status"] === "ended") return "gone";
  return row["founded"] === 1 ? "alive" : null;
};

const leftOfRoom = (host: Host, fate: "alive" | "gone" | null): string | null => {
  const state = stateOf(host);
  if (fate === null) return null;
  if (fate === "alive")
    return state === "alive" ? null : `${host.label} had nothing to do with it and is ${state}`;
  const isGone =
    state === "dead" || (state === "unborn" && host.storage.kv.size === 0 && !host.storage.hasTables);
  return isGone ? null : `${host.label} is ${state} (R10)`;
};

const leftOfContainer = ({ storage, label }: Host, isLeft: boolean): string | null => {
  if (isLeft) return null;
  const left = [...storage.kv.keys(), ...storage.tables].filter((name) => name !== "dead");
  return left.length > 0 ? `of ${label} is left: ${left.join(", ")} (C10)` : null;
};

const agentsOf = (world: World, town: string): Host[] =>
  [...world.platform.hosts.values()].filter(
    ({ className, name }) => className === "Agent" && name.startsWith(`${town}.`),
  );

/** The owner's list and the ledger say what is true, and keep the receipt. */
const wrongInBooks = (world: World, lives: (town: string) => boolean, ending: Ending): string | null => {
  for (const { id, state, receipt } of world.ledger()) {
    if (state !== (lives(id) ? "open" : "gone")) return `the ledger says that ${id} is ${state}`;
    if (state === "gone" && receipt === null) return `the ledger has no receipt of ${id} (R14)`;
  }
  if (ending === "account") return null;
  for (const { id, state, due_at, receipt } of world.towns()) {
    if (state !== (lives(id) ? "open" : "gone")) return `the owner's list says that ${id} is ${state}`;
    if (due_at !== null) return `something is due of ${id}`;
    if (state !== "gone") continue;
    if (stateOf(world.host("Town", id)) !== "dead") return `${id} has no tombstone (R15)`;
    const known = JSON.parse(receipt ?? "{}") as Partial<Receipt>;
    if (known.state !== "gone" || known.finalizers?.some((step) => step.state !== "done") !== false)
      return `the receipt of ${id} is not that of a town that is gone (R14)`;
    const tombstones = agentsOf(world, id).filter((agent) => stateOf(agent) === "dead").length;
    if ((known.agents ?? 0) < tombstones)
      return `${id} had ${tombstones} agents, and its receipt tells of ${known.agents} (R14)`;
  }
  return null;
};
