import { ownersFilters } from "./owners-filters.ts";
import { lastLines } from "./scrub.ts";
import type { Session } from "./session.ts";
import type { EndingStep } from "../../processes/group.ts";

/** How a push ended that reached the rig's repository. */
export type PushEnd =
  | { readonly outcome: "pushed" }
  /** `stale`: the branch isn't what it was thought to be. */
  | { readonly outcome: "refused"; readonly stale: boolean; readonly reason: string };

export interface PushOrder {
  /** The repository that has the commit. */
  readonly repository: string;
  readonly commit: string;
  /** Full name. */
  readonly ref: string;
  /** What the ref must be now; `null`: there must be none. */
  readonly expected: string | null;
  /** Whether working copies that have the branch checked out are updated; else git refuses the push. */
  readonly updatesCopies: boolean;
}

/** Cut in the middle, a working copy would be half old, half new: the push is given time to end by itself. */
const PATIENT: readonly EndingStep[] = [
  { signal: "SIGTERM", afterMs: 15_000 },
  { signal: "SIGKILL", afterMs: 17_000 },
];

/** With this, git updates a working copy if it is clean, and else refuses. */
const RECEIVE = "git -c receive.denyCurrentBranch=updateInstead receive-pack";

const STALE =
  /stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|reference already exists/;

/**
 * Pushes a commit under a lease.
 *
 * @throws GitFault if the repository can't be reached or does not let us in; the push may have
 *   arrived nevertheless
 */
export const push = async (
  session: Session,
  { repository, commit, ref, expected, updatesCopies }: PushOrder,
): Promise<PushEnd> => {
  const lease = `--force-with-lease=${ref}:${expected ?? ""}`;
  const { git, remote } = session;
  const how = updatesCopies ? [`--receive-pack=${RECEIVE}`] : [];
  const { exitCode, output, errors } = await git(
    ["push", "--porcelain", "--no-verify", ...how, lease, "--", remote.url, `${commit}:${ref}`],
    {
      cwd: repository,
      remote: true,
      accept: [0, 1],
      ...(updatesCopies ? { ending: PATIENT, env: await ownersFilters(session) } : {}),
    },
  );
  if (exitCode === 0) return { outcome: "pushed" };
  const refusal = /^!\t.*?\[(?:remote )?rejected\] \((.*)\)$/m.exec(output)?.[1];
  const said = lastLines(errors.replace(/^error: failed to push some refs.*$/gm, ""));
  return {
    outcome: "refused",
    stale: STALE.test(refusal ?? ""),
    reason: [refusal, said].filter(Boolean).join(": ") || "no reason was given",
  };
};
