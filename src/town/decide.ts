import type { Wake } from "../lifecycle/wake.ts";
import { earliest } from "../lifecycle/wake.ts";
import type { Facts, Job, OpenRun, Timing } from "./facts.ts";

/** What the town does next about its container and its runs. */
export type Action =
  /** One run is over its time. */
  | { readonly kind: "lose-run"; readonly run: number; readonly reason: string }
  | { readonly kind: "look-at-lease" }
  | { readonly kind: "look-at-socket" }
  | { readonly kind: "stop"; readonly why: string }
  | { readonly kind: "kill" }
  | { readonly kind: "dispatch"; readonly job: Job };

/** Every reason that a town can have to wake. */
export type TownWake = Wake<
  | "a container that is stopping is killed"
  | "a container's socket is away"
  | "a lease is due"
  | "a run must have started"
  | "a run reaches its time limit"
  | "a container reaches its time limit"
  | "something waits for its next try"
  | "something is queued"
  | "the container goes to sleep"
  | "a peer must be told"
>;

const inUse = (facts: Facts): boolean =>
  facts.container.state === "awake" || facts.container.state === "starting";

const takenBy = (run: OpenRun, job: Job): boolean => {
  switch (job.kind) {
    case "chat":
      return run.agent === job.agent;
    case "check":
      return run.kind === "check" && run.rig === job.rig;
    case "merge":
      // One merge per rig at a time: the second would only lose the race for the branch.
      return run.bead === job.bead || (run.kind === "merge" && run.rig === job.rig);
    case "work":
      return run.bead === job.bead;
  }
};

/** Whether a job may get its run now, as far as other runs are concerned. Its time is another matter. */
const unhindered = (facts: Facts, job: Job): boolean => {
  if (facts.runs.some((run) => takenBy(run, job))) return false;
  if (job.kind !== "work") return true;
  return facts.runs.filter((run) => run.kind === "turn" && run.bead !== null).length < facts.polecatCap;
};

const mustHaveStartedBy = (run: OpenRun, timing: Timing): number => run.created_at + timing.startDeadlineMs;

/** Timed reasons and what each one leads to; `decide` and `nextWake` read the same list. */
const dueThings = function* (
  facts: Facts,
  timing: Timing,
): Generator<{ readonly wake: TownWake; readonly action: Action | null }> {
  const { container, runs } = facts;
  if (container.state === "stopping") {
    if (container.killAt !== null)
      yield {
        wake: { at: container.killAt, why: "a container that is stopping is killed" },
        action: { kind: "kill" },
      };
    return;
  }
  for (const run of runs) {
    if (run.state === "starting")
      yield {
        wake: { at: mustHaveStartedBy(run, timing), why: "a run must have started" },
        action: { kind: "lose-run", run: run.number, reason: "The container did not take it in time." },
      };
    yield {
      wake: { at: run.due_at, why: "a run reaches its time limit" },
      action: { kind: "lose-run", run: run.number, reason: "It ran into its time limit." },
    };
  }
  if (inUse(facts)) {
    if (container.lostAt !== null && runs.length > 0)
      yield {
        wake: { at: container.lostAt + timing.graceMs, why: "a container's socket is away" },
        action: { kind: "look-at-socket" },
      };
    if (container.leaseDueAt !== null)
      yield {
        wake: { at: container.leaseDueAt, why: "a lease is due" },
        action: { kind: "look-at-lease" },
      };
    if (container.startedAt !== null)
      yield {
        wake: {
          at: container.startedAt + timing.lifeMaxMs,
          why: "a container reaches its time limit",
        },
        action: { kind: "stop", why: "It has run for as long as a container may." },
      };
  }
  for (const job of facts.jobs)
    if (unhindered(facts, job))
      yield {
        wake: {
          at: job.at,
          why: job.at === 0 ? "something is queued" : "something waits for its next try",
        },
        action: { kind: "dispatch", job },
      };
  if (inUse(facts) && container.sleepsAt !== null)
    yield {
      wake: { at: container.sleepsAt, why: "the container goes to sleep" },
      action: { kind: "stop", why: "Nothing was left to do." },
    };
};

/** The next thing to do about container and runs, or `null`. Pure: the same facts, the same answer. */
export const decide = (facts: Facts, timing: Timing, now: number): Action | null => {
  for (const { wake, action } of dueThings(facts, timing)) if (wake.at <= now) return action;
  return null;
};

/**
 * When and why the town must wake by itself: `null` means no alarm at all. Never in the past, so that
 * a reason that is due now reads as now.
 */
export const nextWake = (facts: Facts, timing: Timing, now: number): TownWake | null => {
  const wakes: TownWake[] = [];
  for (const { wake } of dueThings(facts, timing)) wakes.push(wake);
  if (facts.errandDueAt !== null) wakes.push({ at: facts.errandDueAt, why: "a peer must be told" });
  const next = earliest(wakes);
  return next === null ? null : { ...next, at: Math.max(next.at, now) };
};
