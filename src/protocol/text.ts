import * as v from "valibot";

/**
 * What a terminal obeys and doesn't show (ECMA-48): control sequences, strings such as a window's title (a string
 * that isn't ended goes to the end of its line, no further), and shorter escapes.
 */
const ESCAPES =
  /(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[\x20-\x2f]*[\x30-\x7e]/g;

/** Whatever ends a line somewhere. */
const LINE_ENDS = /\r\n|[\r\v\f\x85\u2028\u2029]/g;

/** Controls other than tab and line feed, and the characters that turn the direction of a text. */
const UNSEEN = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text that a program wrote, as a person may read it: nothing in it moves a cursor, colours, hides or turns what
 * stands beside it. Line feeds and tabs stay.
 *
 * @example plainText("\x1b[31mbad\x1b[0m\r\nthing") // "bad\nthing"
 */
export const plainText = (text: string): string =>
  text.toWellFormed().replace(ESCAPES, "").replace(LINE_ENDS, "\n").replace(UNSEEN, "");

/** The same on one line, for a reason, a title or a line of the diary. */
export const plainLine = (text: string): string =>
  plainText(text)
    .replace(/[\t\n]+/g, " ")
    .trim();

/** A text of a program, on its way in: whoever sent it, it is plain behind this. */
export const Text = v.pipe(v.string(), v.transform(plainText));

/** A reason, a title, a line: the same on one line. */
export const Line = v.pipe(v.string(), v.transform(plainLine));

/**
 * What people name, on its way in: refused rather than changed, since a name that was changed is not the one that
 * was given.
 *
 * @example v.pipe(v.string(), v.trim(), Seen)
 */
export const Seen = v.check<string, string>(
  (text) => plainLine(text) === text.trim(),
  "must be one line, without control characters or characters that turn the direction of a text",
);

/** The same for what may have several lines, such as a command. */
export const SeenText = v.check<string, string>(
  (text) => plainText(text) === text,
  "must not contain control characters or characters that turn the direction of a text",
);
