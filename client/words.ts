import type { ContainerState } from "../src/protocol/town.ts";
import type { Usage } from "../src/protocol/usage.ts";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat();

const DAY_MS = 86_400_000;

/** `14:02`, or with its day when that isn't within half a day of `now`. */
export const timeOf = (at: number, now: number = Date.now()): string =>
  (Math.abs(now - at) < DAY_MS / 2 ? clock : dayAndClock).format(at);

/** With the date and seconds, for receipts and titles. */
export const fullTime = (at: number): string => full.format(at);

const STEPS = [
  ["d", DAY_MS],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** About how long, in one unit: `9 min`, `3 h`. */
export const about = (ms: number): string => {
  const [unit, size] = STEPS.find(([, step]) => ms >= step) ?? (["s", 1000] as const);
  return `${Math.max(0, Math.round(ms / size))} ${unit}`;
};

/** As `parseDuration` of the protocol reads it: `30m`, exactly. */
export const durationText = (ms: number): string => {
  for (const [unit, size] of [
    ["d", DAY_MS],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
};

/** `1 bead`, `3 beads`. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${whole.format(n)} ${n === 1 ? one : many}`;

/** `12 calls · 34.1K in · 2.2K out`. */
export const usageText = ({ calls, inputTokens, outputTokens }: Usage): string =>
  calls === 0
    ? "no model calls"
    : `${count(calls, "model call")} · ${compact.format(inputTokens)} tokens in · ${compact.format(outputTokens)} out`;

/** `3.1 kB`. */
export const bytesText = (bytes: number): string =>
  bytes < 1000 ? `${bytes} B` : `${compact.format(bytes / 1000)} kB`;

/** The lamp's word. An awake town with a deadline is still awake; the sentence says until when. */
export const LAMP_WORDS: Record<ContainerState, string> = {
  asleep: "asleep",
  starting: "waking",
  awake: "awake",
  stopping: "going to sleep",
};

/** Output of a terminal without its colours and cursor movements. */
export const plain = (output: string): string =>
  // oxlint-disable-next-line no-control-regex
  output.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g, "");

/** An error's text, for people. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
