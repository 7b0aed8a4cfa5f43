import type { Curfew } from "../../support/curfew.ts";
import type { Inventory } from "../inventory.ts";

/** What a scene works with. */
export interface Place {
  /** Where its repositories are made; they go into the archive with the state. */
  readonly repositories: string;
  /** Starts the old version on the scene's state folder. */
  start(env?: Readonly<Record<string, string>>): Promise<Curfew>;
  /**
   * Looks up all processes: script, Worker, containers. What it gives back is a `kill -9` of them, at once: nothing
   * gets a last word.
   */
  aimAtAll(): () => Promise<void>;
}

/** What is kept beside the state folder, for the test. */
export interface Made {
  readonly inventory: Inventory;
  /** Names that the test needs: towns by what they are for. */
  readonly towns: Readonly<Record<string, string>>;
}

/** Brings an instance of the old version into a state, and stops it there. */
export type Scene = (place: Place) => Promise<Made>;
