import { Socket } from "node:net";

/** The descriptor of which the process engine holds the other end. */
const LIFELINE = 3;

/** Calls `lost` when the engine that started us has died, however it died. */
export const watchLifeline = (lost: () => void): void => {
  const line = new Socket({ fd: LIFELINE, readable: true, writable: false });
  line.once("close", lost);
  line.on("error", () => {}); // Closes, too.
  line.resume();
};
