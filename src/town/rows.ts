import type { Activity } from "../protocol/activity.ts";
import type { Agent, AgentRole, AgentStatus } from "../protocol/agent.ts";
import type { Bead, BeadStatus } from "../protocol/bead.ts";
import type { AgentName, BeadId, RunId } from "../protocol/primitives.ts";
import type { Rig } from "../protocol/rig.ts";
import type { Run } from "../protocol/run.ts";
import type { Usage } from "../protocol/usage.ts";

/** Ids on the wire are a letter and the number that the tables hold. */
export const beadId = (number: number): BeadId => `b${number}`;
export const runId = (number: number): RunId => `r${number}`;
/** The number in `b12` or `r12`; NaN for anything else. */
export const numberOf = (id: string): number => (/^[br][1-9]\d{0,8}$/.test(id) ? Number(id.slice(1)) : NaN);

interface UsageColumns {
  calls: number;
  input_tokens: number;
  output_tokens: number;
}

export const usageOf = (row: UsageColumns): Usage => ({
  calls: row.calls,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
});

export interface RigRow {
  name: string;
  git_url: string;
  branch: string | null;
  gates: string;
  credential: string | null;
  state: Rig["state"];
  reason: string | null;
  head: string | null;
  attempts: number;
  retry_at: number | null;
  created_at: number;
  seq: number;
}

export const rigOf = (row: RigRow): Rig => ({
  name: row.name,
  gitUrl: row.git_url,
  branch: row.branch,
  gates: JSON.parse(row.gates) as string[],
  hasCredential: row.credential !== null,
  state: row.state,
  reason: row.reason,
  head: row.head,
  createdAt: row.created_at,
  seq: row.seq,
});

export interface BeadRow extends UsageColumns {
  number: number;
  rig: string;
  title: string;
  body: string;
  status: BeadStatus;
  assignee: AgentName | null;
  branch: string | null;
  commit_id: string | null;
  base: string | null;
  merge_commit: string | null;
  attempts: number;
  losses: number;
  reason: string | null;
  feedback: string | null;
  retry_at: number | null;
  held: number;
  intent_commit: string | null;
  intent_onto: string | null;
  created_at: number;
  updated_at: number;
  seq: number;
}

/** What lists and frames hold of a bead's body: a town's beads must fit into one frame. */
const BODY_SHOWN = 4000;

/** A bead in a list or a frame. */
export const listedBeadOf = (row: BeadRow): Bead => {
  const bead = beadOf(row);
  return bead.body.length > BODY_SHOWN ? { ...bead, body: `${bead.body.slice(0, BODY_SHOWN)}…` } : bead;
};

export const beadOf = (row: BeadRow): Bead => ({
  id: beadId(row.number),
  rig: row.rig,
  title: row.title,
  body: row.body,
  status: row.status,
  assignee: row.assignee,
  branch: row.branch,
  commit: row.commit_id,
  base: row.base,
  mergeCommit: row.merge_commit,
  attempts: row.attempts,
  reason: row.reason,
  retryAt: row.retry_at,
  held: row.held === 1,
  usage: usageOf(row),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  seq: row.seq,
});

export interface AgentRow extends UsageColumns {
  name: AgentName;
  role: AgentRole;
  charter: string;
  founded: number;
  status: AgentStatus;
  reason: string | null;
  bead: number | null;
  run: number | null;
  process: string | null;
  process_life: number | null;
  runtime: string | null;
  since: number;
  seq: number;
}

export const agentOf = (row: AgentRow): Agent => ({
  name: row.name,
  role: row.role,
  status: row.status,
  reason: row.reason,
  bead: row.bead === null ? null : beadId(row.bead),
  run: row.run === null ? null : runId(row.run),
  usage: usageOf(row),
  since: row.since,
  seq: row.seq,
});

export interface ActivityRow {
  seq: number;
  at: number;
  kind: Activity["kind"];
  text: string;
  rig: string | null;
  bead: number | null;
  agent: AgentName | null;
}

export const activityOf = (row: ActivityRow): Activity => ({
  ...row,
  bead: row.bead === null ? null : beadId(row.bead),
});

export interface RunRow extends UsageColumns {
  number: number;
  kind: "check" | "turn" | "merge";
  state: "starting" | "live" | "ended";
  life: number;
  /** Of the control server that took it; `null` until one did. */
  boot: string | null;
  agent: AgentName | null;
  process: string | null;
  rig: string | null;
  bead: number | null;
  message: string | null;
  no_change: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  due_at: number;
  cancelling: number;
  outcome: string | null;
  reason: string | null;
}

export const runOf = (row: RunRow): Run => ({
  id: runId(row.number),
  kind: row.kind,
  state: row.state,
  agent: row.agent,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  outcome: row.outcome,
  reason: row.reason,
  usage: usageOf(row),
});

export interface MessageRow {
  id: string;
  agent: AgentName;
  entry: number;
  text: string;
  attempts: number;
  retry_at: number | null;
  run: number | null;
}
