import { DatabaseSync } from "node:sqlite";

/**
 * Takes a lock that ends with this process, however it ends: the operating system's lock on a file,
 * by way of SQLite, since Node has none of its own. A lock file with a pid in it would outlive a kill.
 *
 * @param path the lock's file, made if it isn't there; it stays
 * @param waitMs how long to wait for another holder; blocks this thread
 * @returns gives the lock back; `null` if somebody else has it
 */
export const takeLock = (path: string, waitMs = 0): (() => void) | null => {
  const file = new DatabaseSync(path, { timeout: waitMs });
  try {
    file.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return () => file.close();
  } catch (error) {
    file.close();
    if ((error as { errstr?: string }).errstr === "database is locked") return null;
    throw error;
  }
};
