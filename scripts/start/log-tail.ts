import { open } from "node:fs/promises";

const BYTES = 3000;

/** The last lines of a log file, introduced; empty if there are none. */
export const logTail = async (path: string): Promise<string> => {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read({
    buffer: Buffer.alloc(BYTES),
    position: Math.max(0, size - BYTES),
  });
  const text = buffer.toString("utf8", 0, bytesRead).trim();
  return text === "" ? "" : `\nThe end of ${path}:\n${text}`;
};
