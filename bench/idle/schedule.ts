import { DAY_MS, type Work } from "./policies.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long things take in the towns of the bench. */
export const PACE = {
  check: 3 * SECOND_MS,
  chat: 20 * SECOND_MS,
  work: 10 * MINUTE_MS,
  merge: 30 * SECOND_MS,
} as const;

/** The first minutes of every town: a rig at once, a message, and then quiet. */
export const FIRST_MESSAGE_MS = MINUTE_MS;
export const SETTLED_MS = 10 * MINUTE_MS;

/** When things are said and slung in a town that is used, every day, from the time at which it is quiet. */
export const WORKING_DAY = {
  messages: [1, 2, 3, 4, 5, 6, 7, 8].map((hour) => hour * HOUR_MS),
  beads: [1.5, 3.5, 5.5, 7.5].map((hour) => hour * HOUR_MS),
} as const;

/** How long towns live that are left alone, and one that is used. */
export const DAYS = 30;
export const USED_DAYS = 7;

/** Pages that are open on a town, and how often they reconnect. */
export const PAGES = 10;
export const RECONNECTS_EVERY_MS = HOUR_MS;

const lasting = (from: number, ms: number): Work => ({ from, to: from + ms });

/** The same as the models are told it. */
export const LEFT_ALONE: readonly Work[] = [lasting(0, PACE.check), lasting(FIRST_MESSAGE_MS, PACE.chat)];

export const USED: readonly Work[] = [
  ...LEFT_ALONE,
  ...Array.from({ length: USED_DAYS }, (_, day) => SETTLED_MS + day * DAY_MS).flatMap((morning) => [
    ...WORKING_DAY.messages.map((at) => lasting(morning + at, PACE.chat)),
    ...WORKING_DAY.beads.map((at) => lasting(morning + at, PACE.work + PACE.merge)),
  ]),
];
