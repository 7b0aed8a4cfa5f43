import { NO_TOKENS, readTokens, type Tokens } from "./tokens.ts";

/** Watches the bytes of an answer go by and says what the call used. Never throws. */
export interface Meter {
  push(bytes: Uint8Array): void;
  /** What was told so far. */
  read(): Tokens;
}

/** An event or an answer larger than this is passed on but not understood. */
const MAX_CHARS = 8 * 1024 * 1024;

/** For `text/event-stream`: the last usage that an event's data tells. Lines may be cut anywhere. */
export const streamMeter = (): Meter => {
  const decoder = new TextDecoder();
  let tokens = NO_TOKENS;
  /** The line that has not ended yet. */
  let line = "";
  /** The `data` of the event that has not ended yet. */
  let data: string[] = [];
  let chars = 0;
  /** The last piece ended in `\r`: a `\n` that follows belongs to it. */
  let afterReturn = false;

  const endEvent = () => {
    if (chars <= MAX_CHARS) tokens = readTokens(data.join("\n")) ?? tokens;
    data = [];
    chars = 0;
  };
  const endLine = () => {
    if (line === "") endEvent();
    else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    line = "";
  };
  /** Only what is below the limit is kept, so that no service fills the memory. */
  const extendLine = (text: string) => {
    chars += text.length;
    if (chars <= MAX_CHARS) line += text;
  };

  return {
    push: (bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      if (text === "") return;
      const pieces = (afterReturn ? text.replace(/^\n/, "") : text).split(/\r\n|\r|\n/);
      afterReturn = text.endsWith("\r");
      pieces.forEach((piece, index) => {
        if (index > 0) endLine();
        extendLine(piece);
      });
    },
    read: () => {
      // A stream that was cut may lack its last empty line.
      endLine();
      endEvent();
      return tokens;
    },
  };
};

/** For a JSON answer: what its `usage` tells. */
export const jsonMeter = (): Meter => {
  const decoder = new TextDecoder();
  let text = "";
  let chars = 0;
  return {
    push: (bytes) => {
      const piece = decoder.decode(bytes, { stream: true });
      chars += piece.length;
      if (chars <= MAX_CHARS) text += piece;
    },
    read: () => (chars <= MAX_CHARS ? readTokens(text) : null) ?? NO_TOKENS,
  };
};

/** The meter for an answer of this `content-type`. */
export const meterFor = (contentType: string | null): Meter =>
  contentType?.toLowerCase().startsWith("text/event-stream") ? streamMeter() : jsonMeter();
