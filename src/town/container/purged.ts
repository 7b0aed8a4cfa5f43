/** The message of the abort by which a container's object ends its purge. */
export const PURGED = "purged";

export const STILL_RUNS = "the container still runs after a SIGKILL";

/**
 * Waits for a purge, which never answers: the object cuts itself off when it is done. Only its own word
 * counts, since a deploy resets it, too.
 */
export const awaitPurge = async (purge: Promise<void>): Promise<void> => {
  try {
    await purge;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(PURGED)) throw error;
  }
};
