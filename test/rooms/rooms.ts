import { env } from "cloudflare:workers";
import type { Agent, Town, TownContainer, User } from "./worker.ts";

/**
 * The rooms with their classes, which `Env` can't name. Each call makes a new stub: one that saw its
 * room reset stays broken.
 */
export const room = {
  user: (name: string) => env.User.getByName(name) as unknown as DurableObjectStub<User>,
  town: (name: string) => env.Town.getByName(name) as unknown as DurableObjectStub<Town>,
  agent: (town: string, name: string) =>
    env.Agent.getByName(`${town}.${name}`) as unknown as DurableObjectStub<Agent>,
  container: (town: string) =>
    env.TownContainer.getByName(town) as unknown as DurableObjectStub<TownContainer>,
};
