import type { BeadId, RunId } from "../protocol/primitives.ts";

/** Ids on the wire are a letter and the number that the tables hold. */
export const beadId = (number: number): BeadId => `b${number}`;
/** A run's number is its fence, too. */
export const runId = (number: number): RunId => `r${number}`;
/** The number in `b12` or `r12`; NaN for anything else. */
export const numberOf = (id: string): number => (/^[br][1-9]\d{0,8}$/.test(id) ? Number(id.slice(1)) : NaN);

/** @returns the id of what has a number, or `null` where there is none. */
export const beadIdOrNull = (number: number | null): BeadId | null =>
  number === null ? null : beadId(number);
