import { lstatSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateFolder } from "./state-folder.ts";

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the final NUL included. */
const LONGEST_SOCKET_PATH = 103;

/** Where the engine's socket is. */
interface SocketPlace {
  readonly path: string;
  /** Makes the place, and removes the socket of an engine that was killed. */
  prepare(): void;
  /** Leaves nothing there. */
  clear(): void;
}

/** Where anybody may write, a folder is ours only if it is a real one and closed to others. */
const assertPrivate = (folder: string): void => {
  const found = lstatSync(folder);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.();
  if (isOurs && (found.mode & 0o077) === 0) return;
  throw new Error(`${folder} should be a folder of this user's, closed to others: remove it.`);
};

/**
 * The socket lies in the state folder or, where that makes a path too long for a socket, in a folder
 * of the same engine below the system's temporary folder.
 */
export const socketPlace = (
  state: Pick<StateFolder, "id" | "socket">,
  temporary: string = tmpdir(),
): SocketPlace => {
  if (Buffer.byteLength(state.socket) <= LONGEST_SOCKET_PATH) {
    const clear = () => rmSync(state.socket, { force: true });
    return { path: state.socket, prepare: clear, clear };
  }
  const folder = join(temporary, `curfew-${state.id}`);
  const path = join(folder, "engine.sock");
  return {
    path,
    prepare() {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      assertPrivate(folder);
      rmSync(path, { force: true });
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
};
