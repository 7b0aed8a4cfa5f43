import type { BeadStatus } from "../../protocol/bead.ts";
import type { AgentName } from "../../protocol/primitives.ts";
import { Refusal } from "../../protocol/problem.ts";
import { leaveBead } from "../agents/rows.ts";
import { move } from "../counts/rows.ts";
import { numberOf } from "../ids.ts";
import type { UsageColumns, UsageDefaults } from "../money/usage.ts";
import { shownTable, table, type Patch } from "../table.ts";
import type { Tx } from "../tx.ts";
import { hasEnded, needsPerson, type Standing } from "./standing.ts";

/** A unit of work. */
export interface BeadRow extends UsageColumns {
  number: number;
  rig: string;
  title: string;
  body: string;
  /** The caller's word for it: the same key is the same bead. */
  key: string | null;
  status: BeadStatus;
  assignee: AgentName | null;
  branch: string | null;
  commit_id: string | null;
  base: string | null;
  merge_commit: string | null;
  attempts: number;
  losses: number;
  reason: string | null;
  /** What the next attempt is told of the one before. */
  feedback: string | null;
  retry_at: number | null;
  /** 1: a person must act before it goes on. */
  held: number;
  /** The commit that a merge meant to push, and the target's head that it was made on. */
  intent_commit: string | null;
  intent_onto: string | null;
  created_at: number;
  updated_at: number;
  seq: number;
}

export const BEADS = shownTable<BeadRow, "attempts" | "losses" | "held" | UsageDefaults>()("beads", "number");

/** A bead's diff as JSON, 256 KiB at most. */
export interface DiffRow {
  bead: number;
  diff: string;
}

export const DIFFS = table<DiffRow>()("diffs", "bead");

/** A branch that was pushed: it stays, and the receipt lists it. */
interface BranchRow {
  rig: string;
  branch: string;
}

const BRANCHES = table<BranchRow>()("branches", "branch");

export const getBead = (tx: Tx, number: number | null): BeadRow | null =>
  number === null ? null : tx.get(BEADS, number);

export const addBead = (tx: Tx, bead: Pick<BeadRow, "number" | "rig" | "title" | "body" | "key">): void => {
  tx.add(BEADS, { ...bead, status: "open", created_at: tx.now, updated_at: tx.now });
  count(tx, null, { status: "open", held: 0 });
};

/** The one place where a bead's status changes: what is counted of beads, and who is on one, follows from it. */
export const setBead = (tx: Tx, number: number, patch: Omit<Patch<BeadRow>, "updated_at">): void => {
  const before = patch.status === undefined && patch.held === undefined ? null : getBead(tx, number);
  tx.set(BEADS, number, { ...patch, updated_at: tx.now });
  if (before === null) return;
  const after = { ...before, ...patch };
  count(tx, before, after);
  if (after.status !== before.status && hasEnded(after)) leaveBead(tx, before.assignee, number);
};

const count = ({ town: { counts } }: Tx, before: Standing | null, after: Standing): void => {
  move(counts.beads, before?.status ?? null, after.status);
  counts.needsYou += Number(needsPerson(after)) - Number(before !== null && needsPerson(before));
};

/** What was pushed is on the receipt, even if nobody wants it any more. */
export const noteBranch = (tx: Tx, rig: string, branch: string): void =>
  tx.add(BRANCHES, { rig, branch }, "ignore");

/** A bead that is there. @throws Refusal `not-found` */
export const requireBead = (tx: Tx, id: string): BeadRow => {
  const number = id.startsWith("b") ? numberOf(id) : Number.NaN;
  const bead = Number.isNaN(number) ? null : getBead(tx, number);
  if (bead === null) throw new Refusal("not-found", `This town has no bead "${id}".`);
  return bead;
};
