/**
 * Cloudflare's list for Durable Objects with SQLite and Containers, in US dollars, as it was in 2026;
 * without what is free every month, and without traffic.
 */
export const PRICES = {
  /** An RPC, a request, an alarm, or 20 messages that come in by a socket. */
  perMillionRequests: 0.15,
  /** Wall time of an object that runs, at 128 MB. */
  perMillionGbSeconds: 12.5,
  perMillionRowsWritten: 1,
  perMillionRowsRead: 0.001,
  perGibSecondOfMemory: 0.0000025,
  perGbSecondOfDisk: 0.00000007,
} as const;

/** What the prices don't settle. */
export const BILLED = {
  /** `standard-1`, the instance type of `wrangler.jsonc`. Its CPU costs only while it computes: not counted. */
  memoryGib: 4,
  diskGb: 8,
  /** An object is billed in steps of 128 MB. */
  objectGb: 0.128,
  /** How long an object runs for one alarm, request or message, storage and calls included. */
  secondsPerEvent: 0.1,
  daysPerMonth: 30,
} as const;

const SOCKET_MESSAGES_PER_REQUEST = 20;

/** What is paid for, of one town in one day. */
export interface Consumption {
  /** Alarms and requests of rooms, the container's object included. */
  readonly events: number;
  readonly socketMessages: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** The container's object runs as long as its container. */
  readonly awakeSeconds: number;
}

/** @returns US dollars */
export const costOf = (used: Consumption): number => {
  const requests = used.events + used.socketMessages / SOCKET_MESSAGES_PER_REQUEST;
  const objectSeconds = (used.events + used.socketMessages) * BILLED.secondsPerEvent + used.awakeSeconds;
  return (
    (requests * PRICES.perMillionRequests) / 1e6 +
    (objectSeconds * BILLED.objectGb * PRICES.perMillionGbSeconds) / 1e6 +
    (used.rowsWritten * PRICES.perMillionRowsWritten) / 1e6 +
    (used.rowsRead * PRICES.perMillionRowsRead) / 1e6 +
    used.awakeSeconds *
      (BILLED.memoryGib * PRICES.perGibSecondOfMemory + BILLED.diskGb * PRICES.perGbSecondOfDisk)
  );
};
