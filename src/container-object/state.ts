import { NOT_RUNNING, type ContainerTruth, type Life } from "../rooms/container.ts";
import type { Kv } from "../sql.ts";

/** The last life that was begun, as it is stored. */
export interface Begun extends Life {
  readonly startedAt: number;
}

/** How a life ended, as it is stored until the Town has heard it. */
export interface Exit {
  readonly life: number;
  readonly exitCode: number | null;
  readonly reason: string;
}

/** What the container's object knows at one moment: what it has stored, and what the platform says now. */
export interface State {
  /** It was purged: nothing may ever start here again. */
  readonly isDead: boolean;
  /** The last life that was begun; 0: none. */
  readonly life: number;
  /** When that was, in ms. */
  readonly startedAt: number;
  /** Every life up to this one was asked to end. */
  readonly over: number;
  readonly exit: Exit | null;
  /** What the platform says of the container. */
  readonly isRunning: boolean;
  /** A start is under way: the platform may call it running before its port answers. */
  readonly isStarting: boolean;
}

export const readState = (kv: Kv, now: Pick<State, "isRunning" | "isStarting">): State => {
  const begun = kv.get<Begun>("life");
  return {
    isDead: kv.get<boolean>("dead") === true,
    life: begun?.life ?? 0,
    startedAt: begun?.startedAt ?? 0,
    over: kv.get<number>("over") ?? 0,
    exit: kv.get<Exit>("exit") ?? null,
    ...now,
  };
};

/** How the last life ended, where it is not running. */
export const endOf = ({ exit, life }: State): Extract<ContainerTruth, { running: false }> =>
  exit !== null && exit.life === life
    ? { running: false, exitCode: exit.exitCode, reason: exit.reason }
    : { running: false, exitCode: null, reason: NOT_RUNNING };

/** What is true of the container now. */
export const truthOf = (state: State): ContainerTruth => (state.isRunning ? { running: true } : endOf(state));

/** Whether this life was asked to end, or all were: it starts no more, not even by an order under way. */
export const isOver = ({ isDead, over }: State, life: number): boolean => isDead || life <= over;

/** Whether it is this life that runs. */
export const runs = (state: State, life: number): boolean => state.isRunning && state.life === life;
