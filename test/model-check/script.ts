import { OWNER, type World } from "./world.ts";

/** Far more than any part of a story takes. */
const ENOUGH = 600;
const HOUR_MS = 3_600_000;

/** Goes on, fairly, until that has happened. Returns the line of the log. */
export const until = async ({ scheduler }: World, happened: RegExp): Promise<string> => {
  for (let steps = 0; steps < ENOUGH; steps += 1) {
    if (!(await scheduler.step(scheduler.now + HOUR_MS))) break;
    const line = scheduler.log.at(-1) ?? "";
    if (happened.test(line)) return line;
  }
  throw new Error(`${String(happened)} did not happen:\n${scheduler.log.slice(-40).join("\n")}`);
};

/** Goes on until that is about to happen, and keeps it back. */
export const keepBack = async ({ scheduler }: World, about: RegExp): Promise<void> => {
  for (let steps = 0; steps < ENOUGH; steps += 1) {
    const point = scheduler.waiting(about);
    if (point !== undefined) {
      scheduler.hold(point, null);
      return;
    }
    if (!(await scheduler.step(scheduler.now + HOUR_MS))) break;
  }
  throw new Error(`${String(about)} was not about to happen:\n${scheduler.log.slice(-40).join("\n")}`);
};

/** Goes on until that is about to happen, and loses it on its way. */
export const loseNext = async (world: World, about: RegExp): Promise<void> => {
  await keepBack(world, about);
  const point = world.scheduler.waiting(about);
  if (point !== undefined) await world.scheduler.lose(point);
};

/** An object's instance is lost, and its last writes with it unless they were durable. */
export const crash = (world: World, className: string, name: string, lost = 0): Promise<void> =>
  world.scheduler.act(`* ${className} ${name} is lost`, () => world.host(className, name).crash(lost));

/** How often something has happened. */
export const times = ({ scheduler }: World, happened: RegExp): number =>
  scheduler.log.filter((line) => happened.test(line)).length;

/** What an object has stored under a key. */
export const stored = <T>(world: World, className: string, name: string, key: string): T =>
  world.host(className, name).storage.kv.get(key) as T;

/** The ledger misses what the owner's room tells it next; that tries again, but a sweep is there first. */
export const letSweepTell = async (world: World): Promise<void> => {
  const { scheduler, platform } = world;
  platform.ledger.isDown = true;
  await until(world, /^error to User owner → ledger: INSERT \w+: the ledger is down$/);
  await crash(world, "User", OWNER);
  await scheduler.act("* a quarter of an hour passes", () => {
    scheduler.now += 900_000;
    platform.ledger.isDown = false;
    world.sweep();
  });
  await until(world, /^answer to sweep → ledger: INSERT/);
};
