import type { RigOrder, TurnOrder } from "../../../src/protocol/container/order.ts";

/** A mayor's turn with the script runtime. */
export const turnOrder = (change: Partial<TurnOrder> = {}): TurnOrder => ({
  kind: "turn",
  runId: "r1",
  fence: 1,
  maxMs: 60_000,
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
