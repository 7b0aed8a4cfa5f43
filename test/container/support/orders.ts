import type { RunOrder, RigOrder, TurnOrder } from "../../../src/protocol/container/order.ts";

/** A mayor's turn with the script runtime. */
export const turnOrder = (change: Partial<TurnOrder> = {}): TurnOrder => ({
  kind: "turn",
  runId: "r1",
  fence: 1,
  maxMs: 600_000,
  agent: "mayor",
  role: "mayor",
  process: "p1",
  token: "agent-token",
  runtime: { kind: "script" },
  prompt: "/help",
  message: "m1",
  history: [],
  work: null,
  ...change,
});

/** A polecat's turn on bead b1 whose body is `body`. */
export const workOrder = (rig: RigOrder, body: string, change: Partial<TurnOrder> = {}): TurnOrder =>
  turnOrder({
    agent: "polecat-1",
    role: "polecat",
    prompt: `# Fix the title\n\n${body}`,
    message: null,
    work: { rig, bead: "b1", title: "Fix the title", branch: "curfew/oz/b1", attempt: 1 },
    ...change,
  });

/** A fenced block. */
export const block = (script: string): string => `\`\`\`sh\n${script}\n\`\`\``;

type Check = Extract<RunOrder, { kind: "check" }>;
type Merge = Extract<RunOrder, { kind: "merge" }>;

const rig = { name: "app", gitUrl: "/nowhere/at/all", branch: "main", credential: null };
const run = { runId: "r1", fence: 1, maxMs: 600_000 };

/** A look at a repository that isn't there. */
export const checkOrder = (change: Partial<Check> = {}): Check => ({ ...run, kind: "check", rig, ...change });

/** The merge of b1. */
export const mergeOrder = (change: Partial<Merge> = {}): Merge => ({
  ...run,
  kind: "merge",
  rig,
  bead: "b1",
  title: "Fix the title",
  branch: "curfew/oz/b1",
  commit: "c".repeat(40),
  gates: [],
  gateMaxMs: 600_000,
  intent: null,
  ...change,
});
