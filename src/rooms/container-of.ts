import type { Env } from "../env.ts";

/** The container's object of a town, a new stub at each use. Only the Town itself may ask for it. */
export const containerOf = (env: Pick<Env, "TownContainer">, town: string) =>
  env.TownContainer.getByName(town);
