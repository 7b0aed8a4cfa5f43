import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/**
 * Takes a lock file for as long as this process lives. SQLite's is one that the kernel lets go when
 * its holder dies, however it dies, and that works on Linux and macOS; Node itself offers none.
 *
 * @returns lets it go
 * @throws if another holds it
 */
export const takeLock = (path: string): (() => void) => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new Error(
      `Another engine is using this state folder (${path} is locked). ` +
        "Stop it first, or give this one a state folder of its own.",
      { cause },
    );
  }
  return () => database.close();
};
