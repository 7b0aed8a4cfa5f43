import { Failure } from "./failure.ts";

/**
 * Runs what goes on until it is told to stop: by a signal, or by the end of the process that started this
 * one. A {@link Failure} is told as a sentence; what fails because of the stop isn't told.
 */
export const runUntilStopped = async (main: (stopped: AbortSignal) => Promise<void>): Promise<void> => {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
  process.on("disconnect", () => stopping.abort());
  try {
    await main(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) {
      console.error(error instanceof Failure ? error.message : error);
      process.exitCode = 1;
    }
  }
  if (process.connected) process.disconnect();
};

/** Resolves when it is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
