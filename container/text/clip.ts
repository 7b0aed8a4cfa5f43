const MARK = "…";
const MARK_BYTES = Buffer.byteLength(MARK);

/** Without the half of a surrogate pair that a cut may have left at either end. */
const whole = (text: string): string => text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");

/** The beginning of `text`, at most `max` UTF-16 units, with `…` where something was cut. */
export const head = (text: string, max: number): string =>
  text.length <= max ? text : `${whole(text.slice(0, max - MARK.length))}${MARK}`;

/** The end of `text`, at most `max` UTF-16 units, with `…` where something was cut. */
export const tail = (text: string, max: number): string =>
  text.length <= max ? text : `${MARK}${whole(text.slice(text.length - max + MARK.length))}`;

/** Bytes as text, without the part of a character that a cut may have left at either end. */
const decoded = (bytes: Buffer): string =>
  bytes
    .toString("utf8")
    .replace(/^\ufffd{1,3}/, "")
    .replace(/\ufffd{1,3}$/, "");

/** Like {@link head}, in bytes of UTF-8. */
export const headBytes = (text: string, max: number): string => {
  const bytes = Buffer.from(text);
  return bytes.length <= max ? text : `${decoded(bytes.subarray(0, max - MARK_BYTES))}${MARK}`;
};

/** Like {@link tail}, in bytes of UTF-8. */
export const tailBytes = (text: string, max: number): string => {
  const bytes = Buffer.from(text);
  return bytes.length <= max ? text : `${MARK}${decoded(bytes.subarray(bytes.length - max + MARK_BYTES))}`;
};
