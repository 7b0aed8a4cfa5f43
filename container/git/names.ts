import { isUtf8 } from "node:buffer";
import { head } from "../text/clip.ts";

declare const bytes: unique symbol;

/**
 * A name as git and the file system have it: bytes, which need not be UTF-8, in a string of one character a byte.
 * Such names are compared and handed on as they are; only what people read is decoded, by {@link shown}.
 */
export type ByteName = string & { readonly [bytes]: true };

/** What of a name is shown at most, in characters. */
const SHOWN_LENGTH = 200;

/** Takes a part of git's output for a name. */
export const nameFrom = (output: Buffer): ByteName => output.toString("latin1") as ByteName;

/** The name that a text is in UTF-8. */
export const nameOf = (text: string): ByteName => nameFrom(Buffer.from(text));

/** The fields of an output that was asked for with `-z`. */
export const fieldsOf = (output: Buffer): ByteName[] =>
  (output.toString("latin1").split("\0") as ByteName[]).filter((field) => field !== "");

/** For the file system, or for git's input. */
export const bytesOf = (name: ByteName): Buffer => Buffer.from(name, "latin1");

/** Names for git's input with `-z`. */
export const listOf = (names: readonly ByteName[]): Buffer =>
  bytesOf(names.map((name) => `${name}\0`).join("") as ByteName);

export const within = (folder: ByteName, name: string): ByteName => `${folder}/${name}` as ByteName;

/** The name as an argument or a working folder of a program, which can only be UTF-8; `null`: it isn't. */
export const textOf = (name: ByteName): string | null => {
  const own = bytesOf(name);
  return isUtf8(own) ? own.toString("utf8") : null;
};

/** For people: on one line, and with a mark for what is no character. */
export const shown = (name: ByteName): string =>
  head(
    bytesOf(name)
      .toString("utf8")
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD"),
    SHOWN_LENGTH,
  );
