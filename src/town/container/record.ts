import type { ContainerState } from "../../protocol/town.ts";

/** What the town knows of its container. */
export interface ContainerRecord {
  readonly state: ContainerState;
  /** Counts the starts; every command and socket of the container carries it. */
  readonly life: number;
  readonly since: number;
  readonly why: string;
  readonly startedAt: number | null;
  /** Whether the container's object was asked for anything in this life. */
  readonly addressed: boolean;
  /** The control server's own random id; another one in the same life is a replaced container. */
  readonly boot: string | null;
  /** Of the protocol that its control server speaks: of the Worker that started it, until it says so itself. */
  readonly version: number;
  /** Number of the last event taken from that boot. */
  readonly taken: number;
  /** When its socket went away, if it did. */
  readonly lostAt: number | null;
  /** When the town looks at the last ping; `null` without a live run. */
  readonly leaseDueAt: number | null;
  /** When it is stopped if nothing more happens; `null` while something runs. */
  readonly sleepsAt: number | null;
  /** While stopping: when SIGKILL follows. */
  readonly killAt: number | null;
  /** While stopping: how often SIGKILL was sent, or meant to be. */
  readonly kills: number;
  /** How often in a row no container could be had, and until when none is asked for after that. */
  readonly refusals: number;
  readonly roomAt: number | null;
  readonly lastExit: { readonly at: number; readonly code: number | null; readonly reason: string } | null;
}

/** What is known of a life before anything of it was heard, and when there is none. */
export const UNHEARD = {
  startedAt: null,
  addressed: false,
  boot: null,
  taken: 0,
  lostAt: null,
  leaseDueAt: null,
  sleepsAt: null,
  killAt: null,
  kills: 0,
} as const satisfies Partial<ContainerRecord>;

export const ASLEEP: ContainerRecord = {
  state: "asleep",
  life: 0,
  since: 0,
  why: "Nothing has run yet.",
  ...UNHEARD,
  version: 1,
  refusals: 0,
  roomAt: null,
  lastExit: null,
};
