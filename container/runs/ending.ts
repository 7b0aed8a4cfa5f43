import { Interruption } from "../agents/interruption.ts";

/**
 * Why a run is ended from outside.
 * - `cancelled`: the Town said so.
 * - `deadline`: it took longer than its order allows.
 * - `superseded`: a newer run of the same agent, bead or rig has come.
 * - `stopping`: the container stops; work in progress is saved, and the run is lost with the container: nothing
 *   that was cut off so is told as a result, since no agent, gate or repository is to blame.
 */
export type Ending = "cancelled" | "deadline" | "superseded" | "stopping";

/** The reason that a run's signal is aborted with. */
export class RunEnded extends Interruption {
  readonly ending: Ending;
  constructor(ending: Ending) {
    // A container that stops has no time to ask.
    super(`The run was ended: ${ending}`, ending === "stopping");
    this.name = "RunEnded";
    this.ending = ending;
  }
}

/** Why `signal` was aborted; `null` if it was not, or not with a {@link RunEnded}. */
export const endingOf = (signal: AbortSignal): Ending | null =>
  signal.reason instanceof RunEnded ? signal.reason.ending : null;

/** A sentence for people; `null` for a cancelled run, which is no failure. */
export const whyEnded = (ending: Exclude<Ending, "stopping">, maxMs: number): string | null => {
  switch (ending) {
    case "cancelled":
      return null;
    case "deadline":
      return `It was ended because it took longer than ${Math.round(maxMs / 1000)} s.`;
    case "superseded":
      return "It was ended because a newer run took its place.";
  }
};
