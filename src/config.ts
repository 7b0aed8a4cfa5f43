import { parseDuration } from "./protocol/duration.ts";

/** Every duration that can be set from the environment, with its default. One place, one default. */
export const DURATIONS = {
  /** An idle container is stopped this long after its last run (per town: `sleepAfter`). */
  CURFEW_SLEEP_AFTER: "30m",
  /** A container whose last ping is older than this when somebody looks has lost its runs. */
  CURFEW_LEASE: "60s",
  /** A container's socket may be away for this long. */
  CURFEW_GRACE: "15s",
  /** From SIGTERM to SIGKILL. */
  CURFEW_STOP_DEADLINE: "20s",
  /** A run is ended by force after this long. */
  CURFEW_RUN_MAX: "2h",
  /** A container is stopped after this long, whatever it does. */
  CURFEW_LIFE_MAX: "24h",
  /** From sending a command to the container's word that it took it, cold start included. */
  CURFEW_START_DEADLINE: "90s",
  /** The first wait after a failed attempt; it doubles. */
  CURFEW_RETRY_BASE: "5s",
  /** One gate may run this long. */
  CURFEW_GATE_MAX: "30m",
  /** One shell block of a bead may run this long under the script runtime. */
  CURFEW_BLOCK_LIMIT: "10m",
  /** The sweep leaves a town alone for this long after its last change. */
  CURFEW_SWEEP_GRACE: "10m",
} as const;

/** The fewest characters of what may not be guessed. Nobody types the second one, and it signs tokens that agents see. */
export const SHORTEST = { CURFEW_TOKEN: 8, CURFEW_SECRET: 16 } as const;

export type DurationName = keyof typeof DURATIONS;

export interface Config {
  readonly sleepAfterMs: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly stopDeadlineMs: number;
  readonly runMaxMs: number;
  readonly lifeMaxMs: number;
  readonly startDeadlineMs: number;
  readonly retryBaseMs: number;
  readonly gateMaxMs: number;
  readonly blockLimitMs: number;
  readonly sweepGraceMs: number;
}

/** @throws Error that names the variable whose text is no duration */
export const readConfig = (env: Partial<Record<DurationName, string>>): Config => {
  const read = (name: DurationName): number => {
    const text = env[name] ?? DURATIONS[name];
    const ms = parseDuration(text);
    if (ms === null || ms <= 0) throw new Error(`${name}: "${text}" is no duration such as 30m or 5s.`);
    return ms;
  };
  return {
    sleepAfterMs: read("CURFEW_SLEEP_AFTER"),
    leaseMs: read("CURFEW_LEASE"),
    graceMs: read("CURFEW_GRACE"),
    stopDeadlineMs: read("CURFEW_STOP_DEADLINE"),
    runMaxMs: read("CURFEW_RUN_MAX"),
    lifeMaxMs: read("CURFEW_LIFE_MAX"),
    startDeadlineMs: read("CURFEW_START_DEADLINE"),
    retryBaseMs: read("CURFEW_RETRY_BASE"),
    gateMaxMs: read("CURFEW_GATE_MAX"),
    blockLimitMs: read("CURFEW_BLOCK_LIMIT"),
    sweepGraceMs: read("CURFEW_SWEEP_GRACE"),
  };
};
