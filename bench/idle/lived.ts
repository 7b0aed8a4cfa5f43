/** Which kind of room something is counted for. */
export type Kind = "user" | "town" | "agent" | "container";

/** What is counted; what Cloudflare bills by, and what explains it. */
export interface Tally {
  alarms: number;
  /** RPC calls, and requests that open sockets. */
  requests: number;
  socketMessages: number;
  statements: number;
  rowsRead: number;
  /** Rows of tables and indexes, small records, and alarms that were set or deleted. */
  rowsWritten: number;
  /** Instances that were made: how often a room came back from storage. */
  instances: number;
}

export type Tallies = Record<Kind, Tally>;

export const noTally = (): Tally => ({
  alarms: 0,
  requests: 0,
  socketMessages: 0,
  statements: 0,
  rowsRead: 0,
  rowsWritten: 0,
  instances: 0,
});

/** Sums what several rooms had. */
export const sum = (tallies: readonly Tally[]): Tally => {
  const total = noTally();
  for (const tally of tallies)
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  return total;
};

/** What one day of one town was like. */
export interface Day {
  readonly tallies: Tallies;
  /** HTTP requests that reached the container. */
  readonly containerRequests: number;
  readonly starts: number;
  readonly awakeMinutes: number;
}

/** What came of a scenario. */
export interface Lived {
  readonly days: readonly Day[];
  /** How often the town touched its container, by reason. */
  readonly touches: Readonly<Record<string, number>>;
}

declare module "vitest" {
  interface TaskMeta {
    /** What a scenario brings out of workerd. */
    lived?: Lived;
  }
}
