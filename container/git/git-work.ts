import { userInfo } from "node:os";
import type { MergeOrder, RigOrder } from "../../src/protocol/container/order.ts";
import type { CheckResult, MergeResult } from "../../src/protocol/container/town-up.ts";
import { check } from "./check.ts";
import { type Checkout, makeCheckout } from "./checkout.ts";
import { deliver, type Delivery, save } from "./deliver.ts";
import type { HostEnvironment } from "../../processes/environment.ts";
import { GitFault } from "./fault.ts";
import { foldersBelow, prepareFolders } from "./folders.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { merge, type MergeHooks } from "./merge.ts";
import { type Session, withSession, type Workshop } from "./session.ts";

export type { Checkout, Delivery, MergeHooks };

/**
 * All git work of a town's container. A signal that is aborted ends the git or gate that runs, with
 * all of its process group; the operation then ends as cancelled.
 */
export interface GitWork {
  /** Whether the repository answers, and has the branch (or which is its default). Never throws. */
  check(rig: RigOrder, signal: AbortSignal): Promise<CheckResult>;

  /**
   * Makes a clone of its own for a bead in `directory` (whatever was there is removed), on the local
   * branch `branch`, at the target branch's newest commit.
   *
   * @throws GitFault
   */
  checkout(
    order: { readonly rig: RigOrder; readonly branch: string; readonly directory: string },
    signal: AbortSignal,
  ): Promise<Checkout>;

  /**
   * After the agent's turn: commits what it left uncommitted, pushes the bead's branch and makes sure
   * that it is there.
   *
   * @returns `no-commit` if the checkout holds nothing that its base hasn't
   * @throws GitFault
   */
  deliver(
    checkout: Checkout,
    order: { readonly rig: RigOrder; readonly title: string; readonly agent: string },
    signal: AbortSignal,
  ): Promise<Delivery>;

  /**
   * Pushes work in progress to `<branch>-wip`. Waits for no other operation.
   *
   * @returns `null` if there is none
   * @throws GitFault
   */
  save(
    checkout: Checkout,
    rig: RigOrder,
    signal: AbortSignal,
  ): Promise<{ readonly branch: string; readonly commit: string } | null>;

  /** Merges a bead's commit into the rig's branch, at most once however often it is called. Never throws. */
  merge(order: MergeOrder, hooks: MergeHooks, signal: AbortSignal): Promise<MergeResult>;
}

export interface GitWorkOptions {
  /** The private work root: nobody else uses it while this lives. */
  readonly folder: string;
  readonly now: () => number;
  /** One line per noteworthy thing, without secrets. */
  readonly log?: (line: string) => void;
  /** Where `PATH`, proxies and certificates come from. */
  readonly env?: HostEnvironment;
  /** The longest that one git command may take. */
  readonly gitMaxMs?: number;
  /** Default: the home of the user that this runs as, whatever `HOME` says. */
  readonly home?: string;
}

const GIT_MAX_MS = 10 * 60_000;

const faultFrom = (error: unknown, signal: AbortSignal): GitFault => {
  if (signal.aborted) return new GitFault("cancelled", "Cancelled.");
  if (error instanceof GitFault) return error;
  return new GitFault("failed", `Git work failed: ${error instanceof Error ? error.message : "unknown"}.`);
};

/** @example createGitWork({ folder: "/var/lib/curfew/git", now: Date.now }) */
export const createGitWork = (options: GitWorkOptions): GitWork => {
  const { folder, now, log = () => {}, env = process.env, gitMaxMs = GIT_MAX_MS } = options;
  const { home = userInfo().homedir } = options;
  const folders = foldersBelow(folder);
  const workshop: Workshop = { folders, queue: new KeyedQueue(), env, home, gitMaxMs, now, log };
  let prepared: Promise<void> | null = null;

  /** @throws GitFault */
  const operation = async <T>(
    order: { readonly rig: RigOrder; readonly signal: AbortSignal; readonly checkout?: string },
    job: (session: Session) => Promise<T>,
  ): Promise<T> => {
    try {
      await (prepared ??= prepareFolders(folders));
      return await withSession(workshop, order, job);
    } catch (error) {
      throw faultFrom(error, order.signal);
    }
  };

  return {
    check: (rig, signal) =>
      operation({ rig, signal }, check).catch(({ message }: GitFault) => ({
        outcome: "failed",
        reason: message,
      })),

    checkout: ({ rig, ...place }, signal) =>
      operation({ rig, signal }, (session) => makeCheckout(session, place)),

    deliver: (checkout, { rig, ...order }, signal) =>
      operation({ rig, signal, checkout: checkout.directory }, (session) =>
        deliver(session, checkout, order),
      ),

    save: (checkout, rig, signal) =>
      operation({ rig, signal, checkout: checkout.directory }, (session) => save(session, checkout)),

    merge: (order, hooks, signal) =>
      operation({ rig: order.rig, signal }, (session) => merge(session, order, hooks)).catch(
        ({ kind, message, again }: GitFault): MergeResult =>
          kind === "cancelled" ? { outcome: "cancelled" } : { outcome: "failed", reason: message, again },
      ),
  };
};
