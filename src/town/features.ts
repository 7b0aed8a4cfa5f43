import type { Config } from "../config.ts";
import type { Migrations } from "../storage/migrations.ts";
import { endRoom, tellAgent } from "./agents/outbox.ts";
import { AGENT_TABLES, ENDED_BEADS } from "./agents/tables.ts";
import { working } from "./agents/view.ts";
import { needsYou } from "./beads/facts.ts";
import { mayWork, prepareWork, workJobs, type WorkJob } from "./beads/job.ts";
import { BEAD_TABLES, HELD_BEADS, UNPUSHED_BRANCHES } from "./beads/tables.ts";
import { killDue, livenessDue, replaceDue, sleepDue } from "./container/due.ts";
import type { ContainerRecord } from "./container/record.ts";
import { isOutdated, mayStartAt } from "./container/rules.ts";
import { TOUCH_TABLES } from "./container/tables.ts";
import { keepCounts } from "./counts/tables.ts";
import { DIARY_TABLES } from "./diary/tables.ts";
import { mayMerge, mergeJobs, prepareMerge, type MergeJob } from "./merges/job.ts";
import { MERGE_TABLES } from "./merges/tables.ts";
import { chatJobs, mayChat, prepareChat, type ChatJob } from "./messages/job.ts";
import { MESSAGE_LOSSES, MESSAGE_TABLES } from "./messages/tables.ts";
import { MONEY_TABLES } from "./money/tables.ts";
import { outboxDueAt } from "./outbox/facts.ts";
import type { OutboxKind } from "./outbox/kind.ts";
import { ERRAND_TABLES, ERRANDS_TO_OUTBOX } from "./outbox/tables.ts";
import { tellOwner } from "./owner/outbox.ts";
import type { Plan } from "./plan.ts";
import { checkJobs, mayCheck, prepareCheck, type CheckJob } from "./rigs/job.ts";
import { ASKED_BRANCHES, CHECK_LOSSES, RIG_TABLES } from "./rigs/tables.ts";
import { runsDue } from "./runs/due.ts";
import { openRunFacts, type OpenRun } from "./runs/facts.ts";
import { cancelOrder } from "./runs/outbox.ts";
import { RUN_TABLES } from "./runs/tables.ts";
import type { Tx } from "./tx.ts";

/*
 * The one place where the town's lists are put together from its features. A feature is a folder, and its
 * lines here: removing one is removing both.
 */

// ---- storage

/** The history of a town's storage: only ever appended to. */
export const TOWN_MIGRATIONS: Migrations = [
  {
    name: "baseline",
    up: [
      ...RIG_TABLES,
      ...BEAD_TABLES,
      ...MERGE_TABLES,
      ...RUN_TABLES,
      ...MESSAGE_TABLES,
      ...AGENT_TABLES,
      ...DIARY_TABLES,
      ...TOUCH_TABLES,
      ...ERRAND_TABLES,
      ...MONEY_TABLES,
    ],
  },
  { name: "outbox", up: ERRANDS_TO_OUTBOX },
  { name: "check-losses", up: CHECK_LOSSES },
  { name: "message-losses", up: MESSAGE_LOSSES },
  { name: "asked-branches", up: ASKED_BRANCHES },
  { name: "shown-beads", up: [...HELD_BEADS, ...UNPUSHED_BRANCHES, ...ENDED_BEADS] },
  { name: "kept-counts", up: keepCounts },
];

// ---- what is known, and what follows from it

/** All that is read from the tables to decide anything; known to an instance until a table of it is written. */
export const PARTS = {
  runs: openRunFacts,
  messages: chatJobs,
  checks: checkJobs,
  merges: mergeJobs,
  work: workJobs,
  outboxDueAt,
  working,
  needsYou,
} as const;

/** Something that wants a run, and from when on. */
export type Job = ChatJob | CheckJob | MergeJob | WorkJob;

/** All that decisions are made from. */
export interface Facts {
  readonly container: ContainerRecord;
  readonly polecatCap: number;
  readonly runs: readonly OpenRun[];
  /** In the order in which they get their run. */
  readonly jobs: readonly Job[];
  readonly outboxDueAt: number | null;
}

/** The jobs in the order in which they get their run: who talks first, and what is nearly done before the rest. */
export const jobsOf = (parts: {
  readonly messages: readonly ChatJob[];
  readonly checks: readonly CheckJob[];
  readonly merges: readonly MergeJob[];
  readonly work: readonly WorkJob[];
}): Job[] => [...parts.messages, ...parts.checks, ...parts.merges, ...parts.work];

/** Whether a job may get its run now, as far as other runs are concerned. Its time is another matter. */
const mayBegin = ({ runs, polecatCap }: Facts, job: Job): boolean => {
  switch (job.kind) {
    case "chat":
      return mayChat(runs, job);
    case "check":
      return mayCheck(runs, job);
    case "merge":
      return mayMerge(runs, job);
    case "work":
      return mayWork(runs, job, polecatCap);
  }
};

/**
 * Turns a job into a run: everything that must be remembered is written here, before anybody is
 * addressed. `null`: the job is no more what it was.
 */
export const prepare = (tx: Tx, job: Job): Plan | null => {
  switch (job.kind) {
    case "chat":
      return prepareChat(tx, job);
    case "check":
      return prepareCheck(tx, job);
    case "merge":
      return prepareMerge(tx, job);
    case "work":
      return prepareWork(tx, job);
  }
};

/** What time is measured by. */
export type Timing = Pick<Config, "leaseMs" | "graceMs" | "lifeMaxMs" | "startDeadlineMs">;

const jobsDue = function* (facts: Facts) {
  for (const job of facts.jobs)
    if (mayBegin(facts, job)) {
      const at = Math.max(job.at, mayStartAt(facts.container));
      const why = at === 0 ? "something is queued" : "something waits for its next try";
      yield { wake: { at, why }, action: { kind: "dispatch", job } } as const;
    }
};

/**
 * Every reason to wake that touches the container or its runs, and what each leads to, in the order in which
 * they count. `decide` and `nextWake` read this one list.
 */
export const dueThings = function* (facts: Facts, timing: Timing) {
  const { container, runs } = facts;
  if (container.state === "stopping") {
    yield* killDue(container);
    return;
  }
  yield* runsDue(runs, timing);
  yield* livenessDue(container, runs.length > 0, timing);
  yield* replaceDue(container, runs.length > 0);
  if (isOutdated(container)) return;
  yield* jobsDue(facts);
  yield* sleepDue(container);
};

// ---- what is owed to peers

/** Every kind of thing that the town owes. */
export const OUTBOX_KINDS: readonly OutboxKind<unknown>[] = [tellAgent, endRoom, tellOwner, cancelOrder];
