import type { RunOrder, TurnOrder } from "../protocol/container/order.ts";
import type { AgentName } from "../protocol/primitives.ts";

/** A turn that can't be ordered yet: its agent must be told first, and what was said before be asked for. */
export type DraftTurn = Omit<TurnOrder, "token" | "history">;

interface Planned {
  /** The run's number. */
  readonly run: number;
  /** The container's life that it is for. */
  readonly life: number;
}

/** A run that is about to be handed to the container: all that must be remembered of it is written down. */
export type Plan =
  | (Planned & { readonly kind: "order"; readonly order: Exclude<RunOrder, TurnOrder> })
  | (Planned & { readonly kind: "turn"; readonly draft: DraftTurn; readonly agent: PlannedAgent });

/** The agent of a turn, which is told of it before the container is. */
export interface PlannedAgent {
  readonly name: AgentName;
  readonly isFounded: boolean;
  readonly isNewProcess: boolean;
}

/** The turn as the container takes it. */
export const complete = (draft: DraftTurn, given: Pick<TurnOrder, "token" | "history">): TurnOrder => ({
  ...draft,
  ...given,
});
