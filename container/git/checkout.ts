import { join } from "node:path";
import { removeFolder } from "./folders.ts";
import { mayFilter } from "./filters.ts";
import { agentAuthor } from "./identity.ts";
import { mirroredTarget, targetBranch, withFreshMirror } from "./mirror.ts";
import { refOf, type Tip } from "./refs.ts";
import type { Session } from "./session.ts";
import { declaresSubmodules } from "./modules.ts";
import { fillSubmodules } from "./submodules.ts";

/** A bead's own clone. What is in `directory` belongs to the agent, `.git` too: it is never trusted. */
export interface Checkout {
  readonly directory: string;
  /** The target branch's newest commit when the checkout was made. */
  readonly base: string;
  readonly target: string;
  /** `curfew/<town>/<bead>` */
  readonly branch: string;
  /** Files of the base may be under a filter. */
  readonly mayFilter?: true;
}

/**
 * A clone of the mirror that refers to nothing outside of it: all objects are copies, and there is
 * no remote. Not a worktree, whose `.git` would point to where an agent can't be let in.
 */
export const cloneMirror = async (
  { git, workshop }: Session,
  mirror: string,
  { branch }: Tip,
  directory: string,
): Promise<void> => {
  const { name, email } = agentAuthor("polecat");
  const how = ["--no-hardlinks", "--no-checkout", "--single-branch", "--quiet"];
  const inside = ["-c", `user.name=${name}`, "-c", `user.email=${email}`];
  const template = `--template=${workshop.folders.nothing}`;
  await git(["clone", ...how, ...inside, template, `--branch=${branch}`, "--", mirror, directory]);
  await git(["remote", "remove", "origin"], { cwd: directory });
  // What `remote remove` leaves behind.
  await git(["update-ref", "--no-deref", "-d", "refs/remotes/origin/HEAD"], { cwd: directory });
};

/**
 * Makes a checkout in `directory`, whatever was there before.
 *
 * @throws GitFault; then nothing is left in `directory`
 */
export const makeCheckout = async (
  session: Session,
  { branch, directory }: { readonly branch: string; readonly directory: string },
): Promise<Checkout> => {
  refOf(branch);
  const wanted = await targetBranch(session);
  await removeFolder(directory);
  try {
    const { branch: target, head: base } = await withFreshMirror(session, async (mirror) => {
      const tip = await mirroredTarget(session, mirror, wanted);
      await cloneMirror(session, mirror, tip, directory);
      return tip;
    });
    const how = ["--quiet", "--no-track", "-b", branch];
    await session.git(["checkout", ...how, base, "--"], { cwd: directory });
    if (declaresSubmodules(directory)) {
      // What stays empty is told when the rig is checked, and is no reason not to work on the rest.
      await fillSubmodules(session, { repository: directory, commit: base, directory, known: null });
    }
    const filters = mayFilter(session, join(directory, ".git", "index"));
    return { directory, base, target, branch, ...(filters && { mayFilter: true }) };
  } catch (error) {
    await removeFolder(directory);
    throw error;
  }
};
