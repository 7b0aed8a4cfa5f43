/**
 * The policies of the reports (1409, 1450, 1975) as models: what a town's alarm does at each tick, and
 * what that does to its container. The numbers are the reports' own; what they don't say is in
 * {@link ASSUMED}.
 */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The container sleeps this long after its last request, in all of them. */
const SLEEP_AFTER_MS = 30 * MINUTE_MS;
/** Faster than this, an object stays in memory between two alarms. */
const EVICTED_AFTER_MS = 10 * SECOND_MS;

/** What the reports don't say, or say as a range. */
export const ASSUMED = {
  /** "44–54", "47+ SQL queries per alarm tick". */
  statementsPerTick: 47,
  /** At least one row is read by a statement. */
  rowsReadPerStatement: 1,
  /** The alarm that is set again. */
  rowsWrittenPerTick: 1,
} as const;

export interface Policy {
  readonly name: string;
  /** Whether a mayor that waits for its next message counts as working. */
  readonly waitingMayorWorks: boolean;
  readonly activeTickMs: number;
  readonly idleTickMs: number;
  /** Where the time of the last refresh is kept. */
  readonly throttle: "memory" | "stored";
  /** When the hourly refresh of the token is due. */
  readonly refresh: "with rigs" | "with work";
}

const REPORTED = {
  waitingMayorWorks: false,
  activeTickMs: 5 * SECOND_MS,
  idleTickMs: 5 * MINUTE_MS,
  throttle: "stored",
  refresh: "with rigs",
} as const;

export const POLICIES: readonly Policy[] = [
  {
    ...REPORTED,
    name: "1450: the mayor always works; alarm every 5 s",
    waitingMayorWorks: true,
    idleTickMs: MINUTE_MS,
    throttle: "memory",
  },
  {
    ...REPORTED,
    name: "1409: alarm every 60 s, throttle in memory",
    idleTickMs: MINUTE_MS,
    throttle: "memory",
  },
  { ...REPORTED, name: "1975: alarm every 5 min, refresh every hour" },
  { ...REPORTED, name: "1975, option A: alarm every 5 min, refresh only with work", refresh: "with work" },
];

/** A stretch of time in which an agent, a check or a merge is at work. */
export interface Work {
  readonly from: number;
  readonly to: number;
}

/** What a model did on one day. */
export interface ModelDay {
  alarms: number;
  statements: number;
  rowsRead: number;
  rowsWritten: number;
  containerRequests: number;
  starts: number;
  awakeMs: number;
}

const noDay = (): ModelDay => ({
  alarms: 0,
  statements: 0,
  rowsRead: 0,
  rowsWritten: 0,
  containerRequests: 0,
  starts: 0,
  awakeMs: 0,
});

const isWithin = (time: number, { from, to }: Work): boolean => from <= time && time < to;

/** Lives through so many days of a town with a rig whose mayor is started by the first work. */
export const simulate = (policy: Policy, work: readonly Work[], days: number): ModelDay[] => {
  const lived = Array.from({ length: days }, noDay);
  let day = lived[0] ?? noDay();
  let now = 0;
  let awakeUntil = 0;
  let refreshedAt = Number.NEGATIVE_INFINITY;

  /** A request to the container wakes it, and its time to sleep begins anew. */
  const request = (): void => {
    day.containerRequests += 1;
    if (awakeUntil <= now) day.starts += 1;
    awakeUntil = now + SLEEP_AFTER_MS;
  };
  const refresh = (hasWork: boolean): void => {
    if (policy.refresh === "with work" && !hasWork) return;
    if (now - refreshedAt < HOUR_MS) return;
    refreshedAt = now;
    if (policy.throttle === "stored") day.rowsWritten += 1;
    // `setEnvVar`, and `POST /refresh-token`.
    request();
    request();
  };
  const dispatched = new Set<Work>();

  while (now < days * DAY_MS) {
    day = lived[Math.floor(now / DAY_MS)] ?? day;
    const atWork = work.filter((stretch) => isWithin(now, stretch));
    const hasMayor = work.some(({ from }) => from <= now);
    const hasWork = atWork.length > 0 || (policy.waitingMayorWorks && hasMayor);
    day.alarms += 1;
    day.statements += ASSUMED.statementsPerTick;
    day.rowsRead += ASSUMED.statementsPerTick * ASSUMED.rowsReadPerStatement;
    day.rowsWritten += ASSUMED.rowsWrittenPerTick;
    for (const stretch of atWork) if (!dispatched.has(stretch)) request();
    for (const stretch of atWork) dispatched.add(stretch);
    if (hasWork) {
      // `GET /health`, and the status of each agent that counts as working.
      request();
      for (let agent = 0; agent < Math.max(1, atWork.length); agent += 1) request();
    }
    refresh(hasWork);

    const tickMs = hasWork ? policy.activeTickMs : policy.idleTickMs;
    if (policy.throttle === "memory" && tickMs > EVICTED_AFTER_MS) refreshedAt = Number.NEGATIVE_INFINITY;
    const begins = Math.min(...work.map(({ from }) => (from > now ? from : Number.POSITIVE_INFINITY)));
    const next = Math.min(now + tickMs, begins);
    for (const [index, lives] of lived.entries())
      lives.awakeMs += overlap({ from: now, to: Math.min(next, awakeUntil) }, index);
    now = next;
  }
  return lived;
};

/** How much of a stretch lies in a day. */
const overlap = ({ from, to }: Work, day: number): number =>
  Math.max(0, Math.min(to, (day + 1) * DAY_MS) - Math.max(from, day * DAY_MS));
