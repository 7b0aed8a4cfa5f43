import { type Day, sum, type Tally } from "./lived.ts";
import type { ModelDay } from "./policies.ts";
import type { Consumption } from "./prices.ts";

/** The library's loop rings its object about so often while a container runs; Curfew's are counted. */
const LIBRARY_RINGS_EVERY_MINUTES = 3;

/** One day of one town, measured or modelled, as the tables show it. */
export interface Shown {
  /** Of the rooms; the library's in the container's object are apart. */
  readonly alarms: number;
  readonly libraryAlarms: number;
  /** SQL statements of the town, by alarm, call and message that it got. */
  readonly statementsPerTick: number | null;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly containerRequests: number;
  readonly starts: number;
  readonly awakeMinutes: number;
  readonly consumption: Consumption;
}

const ofTally = ({ alarms, requests, socketMessages }: Tally): number => alarms + requests + socketMessages;

export const ofDay = ({ tallies, containerRequests, starts, awakeMinutes }: Day): Shown => {
  const { user, town, agent, container } = tallies;
  const rooms = sum([user, town, agent]);
  const all = sum([rooms, container]);
  return {
    alarms: rooms.alarms,
    libraryAlarms: container.alarms,
    statementsPerTick: ofTally(town) === 0 ? null : town.statements / ofTally(town),
    rowsRead: rooms.rowsRead,
    rowsWritten: rooms.rowsWritten,
    containerRequests,
    starts,
    awakeMinutes,
    consumption: {
      events: all.alarms + all.requests,
      socketMessages: all.socketMessages,
      rowsRead: all.rowsRead,
      rowsWritten: all.rowsWritten,
      awakeSeconds: awakeMinutes * 60,
    },
  };
};

export const ofModelDay = (day: ModelDay): Shown => {
  const awakeMinutes = day.awakeMs / 60_000;
  const libraryAlarms = Math.ceil(awakeMinutes / LIBRARY_RINGS_EVERY_MINUTES);
  return {
    alarms: day.alarms,
    libraryAlarms,
    statementsPerTick: day.statements / day.alarms,
    rowsRead: day.rowsRead,
    rowsWritten: day.rowsWritten,
    containerRequests: day.containerRequests,
    starts: day.starts,
    awakeMinutes,
    consumption: {
      events: day.alarms + libraryAlarms + day.containerRequests,
      socketMessages: 0,
      rowsRead: day.rowsRead,
      rowsWritten: day.rowsWritten,
      awakeSeconds: day.awakeMs / 1000,
    },
  };
};

/** The average of several days. */
export const average = (days: readonly Shown[]): Shown => {
  const mean = (pick: (day: Shown) => number): number =>
    days.reduce((total, day) => total + pick(day), 0) / Math.max(1, days.length);
  const ticked = days.filter(({ statementsPerTick }) => statementsPerTick !== null);
  return {
    alarms: mean((day) => day.alarms),
    libraryAlarms: mean((day) => day.libraryAlarms),
    statementsPerTick:
      ticked.length === 0
        ? null
        : ticked.reduce((total, day) => total + (day.statementsPerTick ?? 0), 0) / ticked.length,
    rowsRead: mean((day) => day.rowsRead),
    rowsWritten: mean((day) => day.rowsWritten),
    containerRequests: mean((day) => day.containerRequests),
    starts: mean((day) => day.starts),
    awakeMinutes: mean((day) => day.awakeMinutes),
    consumption: {
      events: mean((day) => day.consumption.events),
      socketMessages: mean((day) => day.consumption.socketMessages),
      rowsRead: mean((day) => day.consumption.rowsRead),
      rowsWritten: mean((day) => day.consumption.rowsWritten),
      awakeSeconds: mean((day) => day.consumption.awakeSeconds),
    },
  };
};
