import type { Readable } from "node:stream";

/** A longer line is cut here: what a container prints is not ours to hold in memory. */
const LONGEST_LINE = 8192;

/** Calls `emit` with each line of a stream of text, and drops what is beyond the 8192nd character of one. */
export const eachLine = (stream: Readable, emit: (line: string) => void): void => {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const pieces = text.split("\n");
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      emit((rest + piece).slice(0, LONGEST_LINE));
      rest = "";
    }
    rest = (rest + last).slice(0, LONGEST_LINE);
  });
  stream.on("end", () => {
    if (rest !== "") emit(rest);
  });
};
