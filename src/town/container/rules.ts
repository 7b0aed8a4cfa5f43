import { backoffMs, type Backoff } from "../../lifecycle/backoff.ts";
import type { ContainerTruth } from "../../rooms/container.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { UNHEARD, type ContainerRecord } from "./record.ts";

/**
 * The town's record of its container as a state machine of pure functions:
 * asleep → starting → awake → stopping → asleep, and from anywhere to asleep when it dies.
 */

/** A new life begins. */
export const wakeUp = (record: ContainerRecord, why: string, now: number): ContainerRecord => ({
  ...record,
  ...UNHEARD,
  state: "starting",
  life: record.life + 1,
  since: now,
  why,
  startedAt: now,
  version: PROTOCOL_VERSION,
});

export const isUp = (record: ContainerRecord): boolean =>
  record.state === "starting" || record.state === "awake";

/** It was there before this version was deployed: it ends its runs and gets no others. */
export const isOutdated = (record: ContainerRecord): boolean =>
  isUp(record) && record.version < PROTOCOL_VERSION;

/** It took an order or said hello. */
export const answered = (record: ContainerRecord, now: number): ContainerRecord =>
  record.state === "starting"
    ? { ...record, state: "awake", since: now, why: "It has work to do.", refusals: 0, roomAt: null }
    : record;

/** Waits for room: a container that others use may soon be free. */
const ROOM: Backoff = { baseMs: 15_000, maxMs: 300_000 };

/** No container could be had for this life: all work waits, and one try after a while is made for all of it. */
export const refused = (record: ContainerRecord, reason: string, now: number): ContainerRecord => ({
  ...record,
  ...UNHEARD,
  state: "asleep",
  since: now,
  why: reason,
  refusals: record.refusals + 1,
  roomAt: now + backoffMs(record.refusals, ROOM),
});

/** From when on a container may be asked for; 0: at once. */
export const mayStartAt = ({ state, roomAt }: ContainerRecord): number =>
  state === "asleep" ? (roomAt ?? 0) : 0;

/** Asked to stop; SIGKILL follows at `killAt`. */
export const stopping = (
  record: ContainerRecord,
  why: string,
  killAt: number,
  now: number,
): ContainerRecord =>
  isUp(record)
    ? { ...record, state: "stopping", since: now, why, leaseDueAt: null, sleepsAt: null, killAt }
    : record;

/** This life is over. */
export const ended = (
  record: ContainerRecord,
  exit: Extract<ContainerTruth, { running: false }>,
  now: number,
): ContainerRecord => ({
  ...record,
  ...UNHEARD,
  state: "asleep",
  since: now,
  why: record.state === "stopping" ? record.why : exit.reason,
  lastExit: { at: now, code: exit.exitCode, reason: exit.reason },
});

/**
 * The deadlines that follow from whether something runs: a lease while it does, sleep when it doesn't.
 * Called at the end of every transaction, so neither can be forgotten.
 */
export const settle = (
  record: ContainerRecord,
  active: boolean,
  timing: { readonly leaseMs: number; readonly sleepAfterMs: number; readonly startDeadlineMs: number },
  now: number,
): ContainerRecord => {
  if (!isUp(record)) return record;
  if (!active && record.state === "starting" && !record.addressed)
    return { ...record, state: "asleep", since: now, why: "Nothing could be started.", startedAt: null };
  // Until it has answered, the deadline of the order that starts it is what counts.
  const leaseDueAt = active && record.state === "awake" ? (record.leaseDueAt ?? now + timing.leaseMs) : null;
  // One that has never answered may not run at all. It is not kept warm: the end of it is asked for soon.
  const patienceMs =
    record.state === "awake" ? timing.sleepAfterMs : Math.min(timing.sleepAfterMs, timing.startDeadlineMs);
  const sleepsAt = active ? null : (record.sleepsAt ?? now + patienceMs);
  return leaseDueAt === record.leaseDueAt && sleepsAt === record.sleepsAt
    ? record
    : { ...record, leaseDueAt, sleepsAt };
};

export type LeaseVerdict = { readonly kind: "extend"; readonly until: number } | { readonly kind: "lost" };

/** A look that comes much too late means that the machine slept, and its containers with it. */
export const isMuchTooLate = (dueAt: number, patienceMs: number, now: number): boolean =>
  now - dueAt > patienceMs;

/**
 * Whether the container still lives, judged when its lease is due by the time of its last ping. After
 * the machine slept every ping is stale: the container gets one more lease to be heard of.
 */
export const judgeLease = (
  leaseDueAt: number,
  lastPingAt: number | null,
  leaseMs: number,
  now: number,
): LeaseVerdict => {
  if (lastPingAt !== null && lastPingAt + leaseMs > now)
    return { kind: "extend", until: lastPingAt + leaseMs };
  if (isMuchTooLate(leaseDueAt, leaseMs, now)) return { kind: "extend", until: now + leaseMs };
  return { kind: "lost" };
};
