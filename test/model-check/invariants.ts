import { OFTEN } from "../../src/lifecycle/backoff.ts";
import type { Host } from "./platform/host.ts";
import type { Process } from "./platform/machine.ts";
import type { Stored } from "./platform/storage.ts";
import { OWNER, type World } from "./world.ts";

/** As much of a long log as anybody reads. */
const LINES = 150;

/** Something happened that must never happen. `log` tells how it came to that. */
export class Violation extends Error {
  constructor(what: string, log: readonly string[]) {
    const lines = log.map((line, at) => `${String(at + 1).padStart(4)}  ${line}`);
    super([what, "", ...lines.slice(-LINES)].join("\n"));
    this.name = "Violation";
  }
}

interface Step {
  readonly name: string;
  readonly state: string;
}

interface Vital {
  readonly state: "unborn" | "alive" | "dying" | "dead";
  readonly finalizers?: readonly Step[];
}

interface ContainerRecord {
  readonly state: string;
  readonly life: number;
}

const UNBORN: Vital = { state: "unborn" };
const vitalOf = (stored: Pick<Stored, "kv">): Vital =>
  (stored.kv.get("vital") as Vital | undefined) ?? UNBORN;
const isOver = (state: string): boolean => state === "dead" || state === "unborn";

/** What each kind of living room must have an alarm for. */
const WORK: Readonly<Record<string, string>> = {
  User: "SELECT 1 FROM towns WHERE due_at IS NOT NULL LIMIT 1",
  Town: "SELECT 1 FROM runs WHERE state <> 'ended' UNION ALL SELECT 1 FROM outbox LIMIT 1",
  Agent: "SELECT 1 FROM inbox LIMIT 1",
};

/**
 * What holds in every state of every schedule (docs/SPEC.md names the rules). Looks at storage and
 * processes, and asks nobody: what is true must not depend on who answers.
 */
export class Invariants {
  readonly #world: World;
  /** Rooms whose tombstone is durable, and container objects whose mark is. */
  readonly #gone = new Set<string>();
  /** What was seen while rooms' code ran, which would catch what is thrown there. */
  #seen: string | null = null;
  #checked = -1;
  #ledgerChecked = -1;

  constructor(world: World) {
    this.#world = world;
    world.scheduler.onStep = () => this.check(world.platform.seal());
    world.platform.machine.onStart = (process) => this.#mayStart(process);
    world.platform.onFault = (what) => {
      this.#seen ??= what;
    };
  }

  fail(what: string): never {
    throw new Violation(what, this.#world.scheduler.log);
  }

  /** After each step. `written`: the objects that it wrote to. */
  check(written: readonly Host[]): void {
    if (this.#seen !== null) this.fail(this.#seen);
    const { changes, ledger } = this.#world.platform;
    if (changes + ledger.version === this.#checked) return;
    this.#checked = changes + ledger.version;
    for (const host of this.#world.platform.hosts.values()) {
      if (host.className === "TownContainer") this.#checkContainer(host);
      else this.#checkDeath(host);
    }
    for (const host of written) if (host.className !== "TownContainer") this.#checkAlarm(host);
    this.#checkProcesses();
    const kinds = new Set(written.map(({ className }) => className));
    if (kinds.has("Town") || kinds.has("Agent")) this.#checkRoster();
    if (kinds.has("Town") || kinds.has("User") || ledger.version !== this.#ledgerChecked)
      this.#checkReferences();
    this.#ledgerChecked = ledger.version;
  }

  // ---- gone is gone

  #checkDeath(host: Host): void {
    const { storage, label } = host;
    const { state } = vitalOf(storage);
    if (this.#gone.has(label) && state !== "dead") this.fail(`R3: ${label} was gone and is ${state}`);
    if (vitalOf(storage.durable).state === "dead") this.#gone.add(label);
    if (!isOver(state)) return;
    const rule = state === "dead" ? "R15" : "R5";
    const left = [...storage.kv.keys(), ...storage.tables].filter((name) => name !== "vital");
    if (left.length > 0) this.fail(`${rule}: ${label} is ${state} and has ${left.join(", ")}`);
    if (storage.alarm !== null) this.fail(`${rule}: ${label} is ${state} and has an alarm`);
    if (host.instance === null && host.sockets.length > 0)
      this.fail(`${rule}: ${label} is ${state} and has sockets`);
  }

  #checkContainer(host: Host): void {
    const isDead = host.storage.kv.get("dead") === true;
    if (this.#gone.has(host.label) && !isDead)
      this.fail(`C10: ${host.label} was purged and has forgotten it`);
    if (host.storage.durable.kv.get("dead") === true) this.#gone.add(host.label);
  }

  // ---- nothing that is due is forgotten

  #checkAlarm(host: Host): void {
    const { storage, label } = host;
    const { state } = vitalOf(storage);
    if (state === "dying" && (storage.alarm ?? 0) > this.#world.scheduler.now + OFTEN.maxMs)
      this.fail(`R9: ${label} is dying and its alarm is far away`);
    if (storage.alarm !== null || host.isRinging || host.lostAlarm) return;
    if (state === "dying") this.fail(`R9: ${label} is dying and has no alarm`);
    const work = WORK[host.className];
    if (state === "alive" && work !== undefined && storage.exec(work).length > 0)
      this.fail(`R7: ${label} has something to do and no alarm`);
  }

  #checkRoster(): void {
    for (const host of this.#world.platform.hosts.values()) {
      if (host.className !== "Agent" || isOver(vitalOf(host.storage).state)) continue;
      const [town = "", name = ""] = host.name.split(".");
      const parent = this.#world.host("Town", town);
      if (isOver(vitalOf(parent.storage).state)) this.fail(`R16: ${host.label} lives and its town does not`);
      const row = parent.storage.exec("SELECT status FROM agents WHERE name = ?", name)[0];
      if (row === undefined || row["status"] === "ended")
        this.fail(`R16: ${host.label} lives and is not on its town's roster`);
    }
  }

  #checkReferences(): void {
    for (const host of this.#world.platform.hosts.values()) {
      if (host.className !== "Town" || isOver(vitalOf(host.storage).state)) continue;
      const entry = this.#world.platform.ledger.all("SELECT state FROM towns WHERE id = ?", host.name)[0];
      if (entry === undefined) this.fail(`R18: the ledger doesn't know of ${host.label}`);
      if (entry["state"] === "gone" && !this.#isOnOwnersList(host.name))
        this.fail(`R16: nobody knows of ${host.label} any more`);
    }
  }

  #isOnOwnersList(town: string): boolean {
    const { storage } = this.#world.host("User", OWNER);
    if (isOver(vitalOf(storage).state)) return false;
    const row = storage.exec("SELECT state, due_at FROM towns WHERE id = ?", town)[0];
    if (row === undefined || row["state"] === "gone") return false;
    // A dying owner ends every town on the list; a living one those that are due.
    return row["state"] === "open" || row["due_at"] !== null || vitalOf(storage).state === "dying";
  }

  // ---- processes

  #checkProcesses(): void {
    const { processes } = this.#world.platform.machine;
    const towns = new Set<string>();
    for (const { town, life } of processes) {
      if (towns.has(town)) this.fail(`two containers of town ${town} run`);
      towns.add(town);
      if (this.#gone.has(`TownContainer ${town}`))
        this.fail(`C10: the container of town ${town} runs after its purge`);
      if (!this.#isResponsible(town, life))
        this.fail(`the container of town ${town} runs and nobody is responsible`);
    }
  }

  /** A town that lives, or that is dying and still has its container to end. */
  #isResponsible(town: string, life: number): boolean {
    const { storage } = this.#world.host("Town", town);
    const vital = vitalOf(storage);
    const knows = (this.#containerOf(town)?.life ?? 0) >= life;
    switch (vital.state) {
      case "alive":
        return knows;
      case "dying":
        return (
          knows &&
          vital.finalizers?.some((step) => step.name === "container" && step.state === "due") === true
        );
      case "unborn":
      case "dead":
        return false;
    }
  }

  #containerOf(town: string): ContainerRecord | undefined {
    return this.#world.host("Town", town).storage.kv.get("container") as ContainerRecord | undefined;
  }

  #mayStart({ town, life }: Process): void {
    if ((this.#world.platform.machine.starts.get(`${town}#${life}`) ?? 0) > 1)
      this.#seen ??= `C2: life ${life} of town ${town} starts a second time`;
    // One that was ended while its start was under way is seen to by its object, which was told.
    const told = (this.#world.host("TownContainer", town).storage.kv.get("over") as number | undefined) ?? 0;
    const record = this.#containerOf(town);
    const isUp = record?.life === life && record.state !== "asleep";
    if (!isUp && told < life) this.#seen ??= `C2: life ${life} of town ${town} starts, and is over`;
  }
}
