import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GateResult } from "../../src/protocol/bead.ts";
import type { MergeOrder } from "../../src/protocol/container/order.ts";
import type { MergeResult } from "../../src/protocol/container/town-up.ts";
import { orAborted } from "./abort.ts";
import { cloneMirror } from "./checkout.ts";
import { GitFault } from "./fault.ts";
import { mayFilter, refuseUnfiltered } from "./filters.ts";
import { removeFolder } from "./folders.ts";
import { runGates } from "./gates.ts";
import { broughtInBy, contains, hasCommit } from "./history.ts";
import { type Landing, land } from "./land.ts";
import { makeMergeCommit } from "./merge-commit.ts";
import { mirroredTarget, targetBranch, withFreshMirror } from "./mirror.ts";
import { declaresSubmodules, readModules } from "./modules.ts";
import { obstacle } from "./obstacle.ts";
import { makePrivateRepository } from "./private-repository.ts";
import { otherTarget } from "./refs.ts";
import type { Session } from "./session.ts";
import { aboutLacking, fillSubmodules } from "./submodules.ts";
import { workingCopies } from "./working-copies.ts";

/** What the Town hears of a merge on its way. */
export interface MergeHooks {
  gate(result: GateResult): void;
  /** Resolves once the Town has recorded the commit that is about to be pushed, and onto which. */
  intent(intent: { readonly commit: string; readonly onto: string }): Promise<void>;
}

/** How often a merge is made anew in one run because the branch moved meanwhile. */
const ROUNDS = 3;

type Beginning =
  | Extract<MergeResult, { outcome: "merged" }>
  | { readonly outcome: "needed"; readonly onto: string; readonly target: string };

/** Looks at the newest state of the branch; if the merge is still to be made, clones it into `tree`. */
const begin = (
  session: Session,
  { commit, branch, intent }: MergeOrder,
  wanted: string,
  tree: string,
): Promise<Beginning> =>
  withFreshMirror(session, async (mirror): Promise<Beginning> => {
    const tip = await mirroredTarget(session, mirror, wanted);
    const place = { session, repository: mirror };
    if (intent && (await contains(place, tip.head, intent.commit))) {
      return { outcome: "merged", mergeCommit: intent.commit, ...otherTarget(session, tip.branch) };
    }
    if (!(await hasCommit(place, commit))) {
      throw new GitFault("absent", `${session.remote.url} no longer has ${branch}'s commit ${commit}.`);
    }
    if (await contains(place, tip.head, commit)) {
      const mergeCommit = await broughtInBy(place, tip.head, commit);
      return { outcome: "merged", mergeCommit, ...otherTarget(session, tip.branch) };
    }
    await removeFolder(tree);
    await cloneMirror(session, mirror, tip, tree);
    if (existsSync(join(mirror, "shallow"))) {
      // Of a shallow mirror git clones the branch alone; of any other all objects.
      const how = ["--quiet", "--no-tags", "--no-write-fetch-head", "--update-shallow"];
      await session.git(["fetch", ...how, "--", mirror, commit], { cwd: tree });
    }
    return { outcome: "needed", onto: tip.head, target: tip.branch };
  });

const announce = async (
  { signal }: Session,
  hooks: MergeHooks,
  intent: { readonly commit: string; readonly onto: string },
): Promise<void> => {
  try {
    await orAborted(hooks.intent(intent), signal);
  } catch {
    throw new GitFault("failed", "The town could not record the merge before it was pushed.");
  }
};

/**
 * Gates find the submodules filled that the rig's own branch knows: an agent's word sends us nowhere.
 *
 * @returns what a gate has to do without, in words
 */
const fillForGates = async (
  session: Session,
  tree: string,
  { onto, commit }: { readonly onto: string; readonly commit: string },
): Promise<string> => {
  if (!declaresSubmodules(tree)) return "";
  const modules = await readModules(session, tree, { blob: `${onto}:.gitmodules` });
  const known = new Set(modules.values());
  return aboutLacking(await fillSubmodules(session, { repository: tree, commit, directory: tree, known }));
};

/** One try: fetch, merge, gates, intent, push. */
const tryOnce = async (
  session: Session,
  order: MergeOrder,
  wanted: string,
  hooks: MergeHooks,
): Promise<Landing> => {
  const tree = join(session.folder, "tree");
  const beginning = await begin(session, order, wanted, tree);
  if (beginning.outcome === "merged") return beginning;
  const { onto, target } = beginning;

  const merging = await makeMergeCommit(session, tree, onto, order);
  if (merging.outcome === "conflict") return merging;
  const { commit } = merging;
  // Taken out before the gates run: they may do to `tree` whatever they like.
  const repository = await makePrivateRepository(session, onto);
  const how = ["--quiet", "--no-tags", "--no-write-fetch-head"];
  await session.git(["fetch", ...how, "--", tree, "HEAD"], { cwd: repository });

  if (mayFilter(session, join(tree, ".git", "index"))) {
    await refuseUnfiltered(session, { repository, base: onto, result: commit, head: commit });
  }
  const change = { repository, onto, commit, target };
  const early = await obstacle(session, change, await workingCopies(session, target));
  if (early !== null) return { outcome: "held", reason: early };

  const { gates, gateMaxMs } = order;
  const onResult = (result: GateResult) => hooks.gate(result);
  const lacking = gates.length > 0 ? await fillForGates(session, tree, { onto, commit }) : "";
  const failure = await runGates(session, { tree, gates, gateMaxMs, onResult });
  if (failure !== null) return { outcome: "gate-failed", reason: `${failure} ${lacking}`.trim() };

  await announce(session, hooks, { commit, onto });
  return land(session, change);
};

/**
 * Merges a bead's commit into the rig's branch, at most once however often it is called: the
 * repository itself is looked at first, and the push carries a lease on what the merge was made onto.
 *
 * @throws GitFault
 */
export const merge = async (session: Session, order: MergeOrder, hooks: MergeHooks): Promise<MergeResult> => {
  const target = await targetBranch(session);
  for (let round = 1; round <= ROUNDS; round++) {
    const landing = await tryOnce(session, order, target, hooks);
    if (landing.outcome !== "moved") return landing;
    session.workshop.log(`${target} of ${session.rig.name} moved under the merge of ${order.bead}`);
  }
  const reason = `The branch ${target} moved ${ROUNDS} times while the bead was merged into it.`;
  return { outcome: "failed", reason, again: true };
};
