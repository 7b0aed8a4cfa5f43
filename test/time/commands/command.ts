import type * as fc from "fast-check";
import { checkAtOnce } from "./invariants.ts";
import { newTown, NOWHERE, type Model, type TownModel } from "./model.ts";
import type { World } from "./world.ts";

export type Command = fc.AsyncCommand<Model, World>;

/** How a command is drawn: which of the towns there are, and how many turns the rooms get after it. */
export interface Draw {
  readonly at: number;
  /** `null`: until everything is done that can be done without time passing. */
  readonly turns: number | null;
}

/** Does something, lets the rooms go on for a while, and looks at them. */
export const command = (
  label: string,
  { at, turns }: Draw,
  act: (town: TownModel, world: World, model: Model) => Promise<unknown>,
  can: (town: TownModel, model: Model) => boolean = () => true,
): Command => {
  const chosen = ({ towns }: Model): TownModel => towns[at % towns.length] ?? newTown(NOWHERE, "unborn");
  const name = `${label}, of town ${at}${turns === null ? "" : `, ${turns} turns`}`;
  return {
    toString: () => name,
    check: (model) => can(chosen(model), model),
    run: async (model, world) => {
      const town = chosen(model);
      world.log.push(`${new Date(world.now).toISOString()} ${name} (${town.state})`);
      await act(town, world, model);
      await world.go(turns);
      await checkAtOnce(model, world);
    },
  };
};
