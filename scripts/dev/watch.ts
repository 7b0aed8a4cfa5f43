import { readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** An editor writes a file in several steps, and several files at once. */
const SETTLED_MS = 50;

const foldersBelow = (folder: string): string[] => [
  folder,
  ...readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name)),
];

/**
 * Calls back at each change of a file below these folders, from when this returns. Each folder is watched for
 * itself: Node's recursive watch loses a file that an editor replaces.
 */
const watchFolders = (folders: readonly string[], changed: () => void, signal: AbortSignal): void => {
  const watched = new Set<string>();
  const watchNew = (): void => {
    for (const folder of folders.flatMap(foldersBelow)) {
      if (watched.has(folder)) continue;
      watched.add(folder);
      const watcher = watch(folder, { signal }, (event) => {
        // Perhaps a folder has come.
        if (event === "rename") watchNew();
        changed();
      });
      watcher.on("error", () => watched.delete(folder));
    }
  };
  watchNew();
};

/**
 * Calls `act` after a change of a file below these folders, never twice at a time: what changes meanwhile is
 * acted on after it. Resolves when it is told to stop.
 *
 * @throws what `act` throws
 */
export const onChange = async (
  folders: readonly string[],
  act: () => Promise<void>,
  stopped: AbortSignal,
): Promise<void> => {
  let change = Promise.withResolvers<void>();
  watchFolders(folders, () => change.resolve(), stopped);
  stopped.addEventListener("abort", () => change.resolve());
  for (;;) {
    await change.promise;
    if (stopped.aborted) return;
    await delay(SETTLED_MS);
    change = Promise.withResolvers<void>();
    await act();
  }
};
