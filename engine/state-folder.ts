import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Where an engine keeps what, all below its state folder. */
export interface StateFolder {
  readonly path: string;
  /** Names the engine: the same for the same folder, so that its next start knows its leftovers. */
  readonly id: string;
  readonly lock: string;
  readonly socket: string;
  /** One record per live container: what the next start needs to end it. */
  readonly records: string;
  /** One working folder per live container. */
  readonly work: string;
  /** Working folders of ended containers, on their way out. */
  readonly trash: string;
}

/** A short name for what has a long one: paths of Unix sockets have about 100 characters. */
export const shortId = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 12);

/** Makes the folder if need be, and closes it to other users. */
export const openStateFolder = (folder: string): StateFolder => {
  mkdirSync(folder, { recursive: true });
  const path = realpathSync(folder);
  chmodSync(path, 0o700);
  const below = (name: string): string => {
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
    return join(path, name);
  };
  return {
    path,
    id: shortId(path),
    lock: join(path, "engine.lock"),
    socket: join(path, "engine.sock"),
    records: below("records"),
    work: below("work"),
    trash: below("trash"),
  };
};
