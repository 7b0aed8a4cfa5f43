/** Makes one line of a title, as the first line of a message. */
export const subject = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").trim();

/** The first names of a list, and how many more there are. */
export const someOf = (names: readonly string[], limit: number): string =>
  names.length <= limit
    ? names.join(", ")
    : `${names.slice(0, limit).join(", ")} and ${names.length - limit} more`;

/** @example timeSpan(600_000) // "10 min" */
export const timeSpan = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);
