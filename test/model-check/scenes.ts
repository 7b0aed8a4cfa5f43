import { PROTOCOL_VERSION } from "../../src/protocol/version.ts";
import { inside } from "./platform/globals.ts";
import type { Scene } from "./platform/platform.ts";
import { OWNER, World } from "./world.ts";

/** A day in 2026, in ms. */
const NOW = 1_795_000_000_000;
const BASE = "b".repeat(40);

/** A scene and what is in it. */
export interface Setting {
  readonly scene: Scene;
  /** The town that is to end, if there is one yet. */
  readonly town: string | null;
  /** A town that nobody wants to end. */
  readonly bystander: string;
  /** What is on its way when schedules begin. */
  readonly opening: (world: World) => void;
}

const build = async (work: (world: World) => Promise<Omit<Setting, "scene">>): Promise<Setting> => {
  const world = new World(null, undefined, NOW);
  world.scheduler.onStep = () => void world.platform.seal();
  const about = await inside(world.platform, () => work(world));
  return { ...about, scene: world.platform.keep() };
};

const found = async (world: World, name: string): Promise<string> => {
  void world.ask("User", OWNER, "foundTown", name);
  await world.settle(5000);
  const town = world.towns().find((row) => row.name === name);
  if (town?.state !== "open") throw new Error([`${name} was not founded`, ...world.scheduler.log].join("\n"));
  return town.id;
};

const newcomer = async (world: World): Promise<string> => {
  void world.ask("User", OWNER, "found", {
    id: `user:${OWNER}`,
    issuedAt: NOW,
    expiresAt: NOW + 60_000,
    user: OWNER,
  });
  await world.settle(1000);
  return found(world, "Bystander");
};

/** An owner with an idle town, who is about to found another. */
export const ownerWithIdleTown = (): Promise<Setting> =>
  build(async (world) => ({
    town: null,
    bystander: await newcomer(world),
    opening: (later) => void later.foundTown("New"),
  }));

/** Beside the idle town another one, whose mayor is spoken to: its container is about to wake. */
export const wakingTown = (): Promise<Setting> =>
  build(async (world) => {
    const bystander = await newcomer(world);
    const town = await found(world, "Waking");
    const say = { id: "message-1", text: "hello" };
    return { town, bystander, opening: (later) => void later.ask("Agent", `${town}.mayor`, "say", say) };
  });

/**
 * Beside the idle town one that is at work: a rig, two polecats with live runs, the mayor with a message,
 * the container awake with its socket open, and pages that watch.
 */
export const busyTown = (): Promise<Setting> =>
  build(async (world) => {
    const bystander = await newcomer(world);
    const town = await found(world, "Busy");
    const ask = async (method: string, ...args: unknown[]): Promise<void> => {
      void world.ask("Town", town, method, ...args);
      await world.settle(100);
    };
    await ask("addRig", { name: "repo", gitUrl: "/srv/repo", gates: [] });
    void world.connect("Town", town, { role: "container", life: 1 });
    await world.settle(100);
    world.frame(town, { type: "hello", version: PROTOCOL_VERSION, boot: "boot", life: 1, runs: [] });
    await world.settle(100);
    const result = { outcome: "ready", branch: "main", head: BASE };
    const event = { type: "checked", runId: "r1", fence: 1, rig: "repo", result };
    world.frame(town, { type: "event", boot: "boot", n: 1, event });
    await world.settle(100);
    for (const title of ["one", "two"]) await ask("sling", { rig: "repo", title, body: "" });
    void world.ask("Agent", `${town}.mayor`, "say", { id: "message-1", text: "hello" });
    await world.settle(100);
    for (const agent of ["mayor", "polecat-1"]) void world.connect("Agent", `${town}.${agent}`);
    void world.connect("Town", town);
    void world.connect("User", OWNER);
    await world.settle(100);
    const { storage } = world.host("Town", town);
    if (storage.exec("SELECT number FROM runs WHERE state = 'live'").length !== 3)
      throw new Error("the town is not at work");
    return { town, bystander, opening: () => {} };
  });
