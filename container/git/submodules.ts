import { GitFault } from "./fault.ts";
import { withMirrorThatHas } from "./mirror.ts";
import { readModules } from "./modules.ts";
import { type ByteName, fieldsOf, nameOf, shown, within } from "./names.ts";
import { reach } from "./reach.ts";
import { isSameHost } from "./remote.ts";
import type { Session } from "./session.ts";
import { submoduleSession } from "./submodule-address.ts";

/** A submodule that stays empty. */
export interface Lacking {
  readonly path: ByteName;
  /** A sentence. */
  readonly why: string;
}

/** A commit, and what to do with its submodules. */
export interface Superproject {
  /** A repository that has the commit. */
  readonly repository: string;
  readonly commit: string;
  /** The working copy that is filled; `null`: it is only looked whether it could be. */
  readonly directory: string | null;
  /** The addresses that may be gone to; `null`: all. */
  readonly known: ReadonlySet<string> | null;
}

/** As deep and as many as are filled. */
const DEEPEST = 5;
const MOST = 100;

/** Path → commit of the submodules in a commit. */
export const linksIn = async (
  { git }: Session,
  repository: string,
  commit: string,
): Promise<ReadonlyMap<ByteName, string>> => {
  const { bytes } = await git(["ls-tree", "-r", "-z", "--full-tree", commit], { cwd: repository });
  const links = fieldsOf(bytes).flatMap((entry) => {
    const [, id, path] = /^160000 commit ([0-9a-f]+)\t([^]+)$/.exec(entry) ?? [];
    return id === undefined ? [] : [[path as ByteName, id] as const];
  });
  return new Map(links);
};

/** A clone that refers to nothing outside of it, as a bead's own is. */
const place = async (session: Session, mirror: string, id: string, directory: string): Promise<void> => {
  const how = [
    "--no-hardlinks",
    "--no-checkout",
    "--quiet",
    `--template=${session.workshop.folders.nothing}`,
  ];
  await session.git(["clone", ...how, "--", mirror, directory]);
  await session.git(["checkout", "--quiet", "--detach", id, "--"], { cwd: directory });
  await session.git(["remote", "remove", "origin"], { cwd: directory });
};

/**
 * Fills the submodules of a working copy that only we have touched, those within them too, as far as the rig's
 * credential goes.
 *
 * @returns those that stay empty
 */
export const fillSubmodules = async (
  session: Session,
  { repository, commit, directory, known }: Superproject,
  depth = 0,
  budget = { left: MOST },
): Promise<readonly Lacking[]> => {
  const links = await linksIn(session, repository, commit);
  if (links.size === 0) return [];
  const declared = await readModules(session, repository, { blob: `${commit}:.gitmodules` });

  const fillOne = async (path: ByteName, id: string): Promise<readonly Lacking[]> => {
    const address = declared.get(path);
    if (address === undefined) return [{ path, why: "It is in no .gitmodules." }];
    if (known !== null && !known.has(address)) return [{ path, why: "Its address is new with this bead." }];
    if (depth >= DEEPEST) return [{ path, why: `It is within ${DEEPEST} others.` }];
    if (budget.left-- <= 0) return [{ path, why: `There are more than ${MOST}.` }];
    try {
      const sub = submoduleSession(session, address);
      const own = directory === null ? null : reach(session, within(nameOf(directory), path));
      const deeper = await withMirrorThatHas(sub, id, async (mirror) => {
        if (own !== null) await place(sub, mirror, id, own);
        return { repository: own ?? mirror, commit: id, directory: own, known: null };
      });
      const lacking = await fillSubmodules(sub, deeper, depth + 1, budget);
      return lacking.map(({ path: inner, why }) => ({ path: within(path, inner), why }));
    } catch (error) {
      if (!(error instanceof GitFault) || error.kind === "cancelled") throw error;
      return [{ path, why: error.message }];
    }
  };
  const lacking: Lacking[] = [];
  for (const [path, id] of links) lacking.push(...(await fillOne(path, id)));
  return lacking;
};

/** A sentence for people; empty if nothing is lacking. */
export const aboutLacking = (lacking: readonly Lacking[]): string =>
  lacking
    .slice(0, 5)
    .map(({ path, why }) => `The submodule ${shown(path)} is empty here: ${why}`)
    .concat(lacking.length > 5 ? [`So are ${lacking.length - 5} more.`] : [])
    .join(" ");

/**
 * Why a commit that a bead puts a submodule at can't be had by others; `null`: it can.
 *
 * @param address as `.gitmodules` has it; `isKnown`: the rig's own branch has it too
 */
export const whyNotPublished = async (
  session: Session,
  {
    address,
    id,
    isKnown,
  }: { readonly address: string | undefined; readonly id: string; readonly isKnown: boolean },
): Promise<string | null> => {
  if (address === undefined) return "It is in no .gitmodules.";
  try {
    const sub = submoduleSession(session, address);
    // An agent's word sends us nowhere but to where the rig itself is.
    if (!isKnown && sub.remote.protocol !== "file" && !isSameHost(session.remote, sub.remote)) {
      return `Curfew doesn't go to ${address} on a bead's word.`;
    }
    return await withMirrorThatHas(sub, id, () => Promise.resolve(null));
  } catch (error) {
    if (!(error instanceof GitFault) || error.kind === "cancelled") throw error;
    return error.message;
  }
};
