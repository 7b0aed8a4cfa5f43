import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StateFolder } from "./state-folder.ts";

/** Gives the user the right to empty every folder of a tree: package managers make read-only ones. */
const openTree = async (folder: string): Promise<void> => {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openTree(join(folder, entry.name));
  }
};

const removeTree = async (folder: string): Promise<void> => {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await openTree(folder);
    await rm(folder, { recursive: true, force: true });
  }
};

/** The disks of containers: empty at the start of a life, gone at its end. */
export class WorkingFolders {
  readonly #state: Pick<StateFolder, "work" | "trash">;
  readonly #log: (line: string) => void;
  readonly #removals = new Set<Promise<void>>();

  constructor(state: Pick<StateFolder, "work" | "trash">, log: (line: string) => void) {
    this.#state = state;
    this.#log = log;
  }

  /** An empty folder, with `home` and `tmp` in it, whatever was there before. */
  async fresh(id: string): Promise<string> {
    const folder = join(this.#state.work, id);
    await this.discard(id);
    for (const path of [folder, join(folder, "home"), join(folder, "tmp")]) {
      await mkdir(path, { mode: 0o700 });
    }
    return folder;
  }

  /**
   * Takes the folder away at once; what is in it is removed in the background, as a checkout of many
   * thousand files takes seconds and nobody has to wait for that.
   */
  async discard(id: string): Promise<void> {
    const folder = join(this.#state.work, id);
    const aside = join(this.#state.trash, randomUUID());
    try {
      await chmod(folder, 0o700);
      await rename(folder, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    this.#remove(aside);
  }

  /** What an engine that was killed has left. */
  async discardAll(): Promise<void> {
    for (const name of await readdir(this.#state.trash)) this.#remove(join(this.#state.trash, name));
    for (const id of await readdir(this.#state.work)) await this.discard(id);
  }

  /** When everything that was taken away is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #remove(folder: string): void {
    const removal = removeTree(folder)
      .catch((error: Error) => this.#log(`could not remove ${folder}: ${error.message}`))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}
