import { constants } from "node:os";

const NUMBERS: Readonly<Record<string, number>> = constants.signals;

/**
 * The signal that `POST /containers/…/kill?signal=` means: a name with or without `SIG`, or a number.
 *
 * @example parseSignal("TERM") // "SIGTERM"
 * @returns `null` if this system has no such signal
 */
export const parseSignal = (text: string): NodeJS.Signals | null => {
  const wanted = text.trim().toUpperCase();
  const number = /^\d+$/.test(wanted) ? Number(wanted) : (NUMBERS[wanted] ?? NUMBERS[`SIG${wanted}`]);
  const name = Object.keys(NUMBERS).find((candidate) => NUMBERS[candidate] === number);
  return (name ?? null) as NodeJS.Signals | null;
};

/** A process' exit code as Docker counts: its own, or 128 and the signal that ended it. */
export const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal ? (NUMBERS[signal] ?? 0) : 0);
