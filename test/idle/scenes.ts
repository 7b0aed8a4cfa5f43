import { openWorld, withRig, type World } from "../town/world.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

type Settings = Parameters<typeof openWorld>[0];

/** The mayor's present turn ends. */
export const answer = async (world: World): Promise<void> => {
  const { runId, fence } = world.order("turn");
  await world.event({ type: "turned", runId, fence, agent: "mayor", result: { outcome: "talked" } });
};

let messages = 0;

/** Somebody writes to the mayor. */
export const say = async (world: World, text = "Hello?"): Promise<void> => {
  messages += 1;
  world.town.take({ agent: "mayor", id: `m${messages}`, entry: messages, text });
  await world.ring();
};

/** A town with a rig whose mayor was talked to and now waits: the container is warm. */
export const warmTown = async (settings: Settings = {}): Promise<World> => {
  const world = await withRig(openWorld(settings));
  await say(world);
  await answer(world);
  return world;
};

/** The same town after its container went to sleep. */
export const sleepingTown = async (settings: Settings = {}): Promise<World> => {
  const world = await warmTown(settings);
  await world.pass(HOUR_MS);
  return world;
};

/** What was asked of the container meanwhile. */
export const callsDuring = async (world: World, work: () => unknown): Promise<string[]> => {
  const before = world.calls.length;
  await work();
  await world.ring();
  return world.calls.slice(before);
};
