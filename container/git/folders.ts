import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** The private work root. One process at a time uses it. */
export interface Folders {
  /** Bare mirrors, one per rig. */
  readonly mirrors: string;
  /** One folder per operation, gone with it. */
  readonly temporary: string;
  /** Always empty: hooks, templates and a home that hold nothing. */
  readonly nothing: string;
  /** Host keys seen in this life of the container. */
  readonly knownHosts: string;
}

export const foldersBelow = (root: string): Folders => ({
  mirrors: join(root, "mirrors"),
  temporary: join(root, "temporary"),
  nothing: join(root, "nothing"),
  knownHosts: join(root, "known_hosts"),
});

const removal = { recursive: true, force: true, maxRetries: 3 } as const;

/** Removes a folder and all in it, read-only folders too (a Go module cache, say). */
export const removeFolder = async (folder: string): Promise<void> => {
  try {
    await rm(folder, removal);
  } catch {
    // Only in a folder that may be written can anything be removed; Node has no recursive chmod.
    const chmod = spawn("chmod", ["-R", "u+rwx", "--", folder], { stdio: "ignore" });
    await once(chmod, "close");
    await rm(folder, removal);
  }
};

/** Makes the work root, and removes what an operation that was killed left in it. */
export const prepareFolders = async (folders: Folders): Promise<void> => {
  await removeFolder(folders.temporary);
  for (const folder of [folders.mirrors, folders.temporary, folders.nothing]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
};

/** Runs a job with a private folder of its own that is removed afterwards, however the job ends. */
export const withTemporaryFolder = async <T>(
  folders: Folders,
  name: string,
  job: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(folders.temporary, `${name}-`));
  try {
    return await job(folder);
  } finally {
    await removeFolder(folder);
  }
};
