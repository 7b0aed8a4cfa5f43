import { existsSync, readFileSync, realpathSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RigOrder } from "../../src/protocol/container/order.ts";
import { CREDENTIAL_HELPER } from "./credential.ts";
import type { HostEnvironment } from "../../processes/environment.ts";
import { gitEnvironment } from "./environment.ts";
import { type Folders, withTemporaryFolder } from "./folders.ts";
import { gitConfig } from "./git-config.ts";
import { type Git, gitOf } from "./git.ts";
import type { KeyedQueue } from "./keyed-queue.ts";
import { isSameHost, parseRemote, type Remote } from "./remote.ts";

/** What all operations have in common. */
export interface Workshop {
  readonly folders: Folders;
  readonly queue: KeyedQueue;
  readonly env: HostEnvironment;
  /** The home of the person whose machine it is: what their own git reads in their working copies. */
  readonly home: string;
  /** The longest that one git command may take. */
  readonly gitMaxMs: number;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** One operation on one rig. */
export interface Session {
  readonly workshop: Workshop;
  readonly rig: RigOrder;
  readonly remote: Remote;
  readonly signal: AbortSignal;
  /** Private, and gone with the operation. */
  readonly folder: string;
  readonly git: Git;
  /**
   * The same for another repository: with the rig's credential if it is on the rig's host, else with none.
   *
   * @throws GitFault of kind `address`
   */
  elsewhere(gitUrl: string): Session;
}

/** The places that git names when a repository belongs to another user. */
const ownersPlaces = (folder: string): readonly string[] => {
  if (!existsSync(folder)) return [];
  const real = realpathSync(folder);
  const dotGit = join(real, ".git");
  const places = [folder, real, dotGit];
  try {
    // In a linked worktree `.git` is a file that says where the repository is.
    const link = /^gitdir: (.*)$/m.exec(readFileSync(dotGit, "utf8"))?.[1];
    if (link) places.push(resolve(real, link), resolve(real, link, "../.."));
  } catch {
    // A folder, or not there.
  }
  return places;
};

/**
 * Opens a session, in which git sees a configuration and an environment of its own, and closes it
 * when the job is over.
 *
 * @param checkout a folder of an agent that is read too
 */
export const withSession = <T>(
  workshop: Workshop,
  order: { readonly rig: RigOrder; readonly signal: AbortSignal; readonly checkout?: string },
  job: (session: Session) => Promise<T>,
): Promise<T> => {
  const { rig, signal, checkout } = order;
  const { folders, env, gitMaxMs } = workshop;
  const { credential } = rig;
  const remote = parseRemote(rig.gitUrl);
  return withTemporaryFolder(folders, rig.name, async (folder) => {
    const configFile = join(folder, "config");
    const asks = credential?.kind === "token" && "origin" in remote;
    const config = gitConfig({
      protocol: remote.protocol,
      safe: [
        ...(remote.protocol === "file" ? ownersPlaces(remote.folder) : []),
        ...(checkout === undefined ? [] : ownersPlaces(checkout)),
      ],
      credential: asks ? { origin: remote.origin, helper: CREDENTIAL_HELPER } : null,
    });
    await writeFile(configFile, config, { mode: 0o600 });
    const at = (own: RigOrder, place: Remote): Session => ({
      workshop,
      rig: own,
      remote: place,
      signal,
      folder,
      git: gitOf({
        env: gitEnvironment(env, { configFile, home: folders.nothing, temporary: folder }),
        folder,
        nothing: folders.nothing,
        knownHosts: folders.knownHosts,
        remote: place,
        credential: own.credential,
        at: {
          shown: place.url,
          host: "host" in place ? place.host : null,
          hasCredential: own.credential !== null,
        },
        timeoutMs: gitMaxMs,
        signal,
      }),
      elsewhere: (gitUrl) => {
        const other = parseRemote(gitUrl);
        const its = isSameHost(remote, other) ? credential : null;
        return at({ name: rig.name, gitUrl, branch: null, credential: its }, other);
      },
    });
    return job(at(rig, remote));
  });
};
