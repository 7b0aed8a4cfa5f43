import type { Activity } from "../../src/protocol/activity.ts";
import type { BeadSummary } from "../../src/protocol/bead.ts";
import { NO_USAGE } from "../../src/protocol/usage.ts";
import type { Rig } from "../../src/protocol/rig.ts";
import type { Town } from "../../src/protocol/town.ts";

export const town = (seq: number, name = "Quay"): Town => ({
  id: `t${"a".repeat(20)}`,
  name,
  state: "open",
  foundedAt: 0,
  container: { state: "asleep", life: 0, since: 0, why: "", sleepsAt: null, lastExit: null, touches: [] },
  wake: null,
  agents: { idle: 0, working: 0, waiting: 0, failed: 0, total: 0 },
  beads: { open: 0, in_progress: 0, in_review: 0, closed: 0, failed: 0, cancelled: 0, needsYou: 0 },
  settings: {
    runtime: "auto",
    model: null,
    modelFromEnvironment: false,
    sleepAfterMs: 1_800_000,
    caps: { polecats: 3, tokens: null },
  },
  usage: NO_USAGE,
  seq,
});

export const rig = (seq: number, name: string, state: Rig["state"] = "ready"): Rig => ({
  name,
  gitUrl: "/repository",
  branch: "main",
  gates: [],
  hasCredential: false,
  state,
  reason: null,
  head: null,
  createdAt: 0,
  seq,
});

export const bead = (seq: number, id: string, change: Partial<BeadSummary> = {}): BeadSummary => ({
  id,
  rig: "website",
  title: id,
  status: "open",
  assignee: null,
  branch: null,
  commit: null,
  base: null,
  mergeCommit: null,
  attempts: 0,
  reason: null,
  retryAt: null,
  held: false,
  usage: NO_USAGE,
  createdAt: 0,
  updatedAt: 0,
  seq,
  ...change,
});

export const line = (seq: number): Activity => ({
  seq,
  at: seq,
  kind: "work",
  text: `${seq}`,
  rig: null,
  bead: null,
  agent: null,
});
