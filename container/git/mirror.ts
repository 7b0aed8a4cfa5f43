import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { GitFault } from "./fault.ts";
import { removeFolder } from "./folders.ts";
import { hasCommit } from "./history.ts";
import { whyNotWhole } from "./not-whole.ts";
import { noBranch, noCommits, refOf, remoteTarget, type Tip } from "./refs.ts";
import type { Session } from "./session.ts";

const REFSPECS = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"] as const;

/** Names a rig's mirror: another address is another mirror. */
const mirrorKey = ({ rig }: Session): string =>
  `${rig.name}-${createHash("sha256").update(rig.gitUrl).digest("hex").slice(0, 16)}`;

/** Where the rig's mirror is, once it has been fetched. */
export const mirrorFolder = (session: Session): string =>
  join(session.workshop.folders.mirrors, `${mirrorKey(session)}.git`);

/** Clones beside the mirror's place and moves the whole there: half a clone is never a mirror. */
const clone = async ({ git, remote, folder, workshop }: Session, mirror: string): Promise<void> => {
  const draft = join(folder, "mirror.git");
  // `--no-local`: neither hard links to a repository on this machine nor its alternates.
  const how = ["--bare", "--no-local", "--quiet", `--template=${workshop.folders.nothing}`];
  const from = workshop.now();
  await git(["clone", ...how, "--", remote.url, draft], { remote: true });
  await rename(draft, mirror);
  workshop.log(`cloned ${remote.url} in ${workshop.now() - from} ms`);
};

const fetch = async ({ git, remote }: Session, mirror: string): Promise<void> => {
  // A shallow repository may be given another depth by its owner.
  const how = ["--quiet", "--prune", "--no-write-fetch-head", "--update-shallow"];
  await git(["fetch", ...how, "--", remote.url, ...REFSPECS], { cwd: mirror, remote: true });
};

const refresh = async (session: Session, mirror: string): Promise<void> => {
  if (!existsSync(mirror)) return clone(session, mirror);
  try {
    await fetch(session, mirror);
  } catch (error) {
    if (!(error instanceof GitFault && error.kind === "damaged")) throw error;
    // Nothing is in it that the rig's repository hasn't, and only we write to it.
    session.workshop.log(`${error.message} It is cloned again.`);
    await removeFolder(mirror);
    await clone(session, mirror);
  }
};

/** As {@link refresh}, with a better word on why it didn't work where there is one. */
const bringUpToDate = async (session: Session, mirror: string): Promise<void> => {
  try {
    await refresh(session, mirror);
  } catch (error) {
    if (!(error instanceof GitFault) || error.kind === "cancelled") throw error;
    const why = await whyNotWhole(session);
    throw why === null ? error : new GitFault("failed", why, false);
  }
};

/**
 * Runs a job on the rig's mirror, just fetched, while nobody else fetches into it.
 *
 * @throws GitFault
 */
export const withFreshMirror = <T>(session: Session, job: (mirror: string) => Promise<T>): Promise<T> =>
  session.workshop.queue.run(mirrorKey(session), session.signal, async () => {
    const mirror = mirrorFolder(session);
    await bringUpToDate(session, mirror);
    return job(mirror);
  });

/**
 * Runs a job on the mirror of a repository that is to have a commit; it is fetched only if it hasn't.
 *
 * @throws GitFault, of kind `absent` if no branch or tag has the commit
 */
export const withMirrorThatHas = <T>(
  session: Session,
  commit: string,
  job: (mirror: string) => Promise<T>,
): Promise<T> =>
  session.workshop.queue.run(mirrorKey(session), session.signal, async () => {
    const mirror = mirrorFolder(session);
    const place = { session, repository: mirror };
    if (existsSync(mirror) && (await hasCommit(place, commit))) return job(mirror);
    await bringUpToDate(session, mirror);
    if (await hasCommit(place, commit)) return job(mirror);
    throw new GitFault(
      "absent",
      `${session.remote.url} has no branch or tag with the commit ${commit.slice(0, 10)}.`,
    );
  });

/**
 * The rig's target branch as its mirror has it.
 *
 * @param branch as the rig has it, or as {@link remoteTarget} found it
 * @returns another branch if this one was the default, and is gone
 */
export const mirroredTarget = async (session: Session, mirror: string, branch: string): Promise<Tip> => {
  const ref = refOf(branch);
  const look = ["for-each-ref", "--format=%(objectname) %(refname)"];
  const { output } = await session.git([...look, ref], { cwd: mirror });
  const line = output.split("\n").find((row) => row.endsWith(` ${ref}`));
  if (line) return { branch, head: line.slice(0, line.indexOf(" ")) };
  if (session.rig.branchIsDefault === true) {
    const now = await remoteTarget(session);
    if (now.branch !== branch) return mirroredTarget(session, mirror, now.branch);
  }
  const any = await session.git([...look, "--count=1", "refs/heads"], { cwd: mirror });
  throw any.output === "" ? noCommits(session) : noBranch(session, branch);
};

/** The rig's target branch: its own, or else the repository's default. */
export const targetBranch = async (session: Session): Promise<string> =>
  session.rig.branch ?? (await remoteTarget(session)).branch;
