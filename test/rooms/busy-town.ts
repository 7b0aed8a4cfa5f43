import { runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import type { AgentName } from "../../src/protocol/primitives.ts";
import type { Receipt } from "../../src/protocol/receipt.ts";
import { call, receiptOf } from "./ask.ts";
import { BASE, COMMIT, dialAgent, ofRun, ordered } from "./played-container.ts";
import { room } from "./rooms.ts";
import { sling, townWithRig } from "./scenes.ts";
import { openSocket, type Socket } from "./socket.ts";
import { rows } from "./stored.ts";
import { soon } from "./soon.ts";

export const TOMBSTONE = { vital: "dead", keys: ["vital"], tables: [], alarm: null };

const count = async (town: string, table: string): Promise<unknown> =>
  (await rows(room.town(town), `SELECT COUNT(*) AS n FROM ${table}`))[0]?.["n"];

/**
 * A town in the middle of everything: a mayor and three polecats, one whose bead is being merged, two
 * at work; a message that is being answered and one that is queued; something in the outbox that waits for its next
 * try; and sockets of pages and of the container.
 */
export const busyTown = async (): Promise<{
  readonly town: string;
  readonly agents: readonly AgentName[];
  readonly sockets: readonly Socket[];
}> => {
  const { town, container } = await townWithRig();
  await call("PATCH", `/api/towns/${town}`, { caps: { polecats: 2 } });
  for (const title of ["One", "Two", "Three"]) await sling(town, title);
  const first = await ordered(town, "turn", 1);
  await container.tell({
    type: "turned",
    ...ofRun(first),
    agent: first.agent,
    result: {
      outcome: "done",
      commit: COMMIT,
      base: BASE,
      diff: { text: "", truncated: false, files: 0, insertions: 0, deletions: 0 },
      summary: "",
    },
  });
  await ordered(town, "merge");
  await ordered(town, "turn", 3);
  for (const id of ["m1", "m2"])
    await call("POST", `/api/towns/${town}/mayor/messages`, { id, text: "Hello?" });
  await ordered(town, "turn", 4);
  await runInDurableObject(room.container(town), ({ faults }) => void faults.add("cancel"));
  await call("POST", `/api/towns/${town}/beads/b2/cancel`);
  await soon(async () => {
    expect(await count(town, "messages")).toBe(2);
    expect(await count(town, "outbox")).toBe(1);
  });
  return {
    town,
    agents: ["mayor", "polecat-1", "polecat-2", "polecat-3"],
    sockets: [
      container.socket,
      (await dialAgent(town, "polecat-2")).socket,
      await openSocket(`/parties/town/${town}`),
      await openSocket(`/parties/agent/${town}.mayor`),
      await openSocket(`/parties/agent/${town}.polecat-3`),
    ],
  };
};

/** Waits until the owner knows that the town is gone. */
export const gone = (town: string): Promise<Receipt> =>
  soon(async () => {
    const receipt = await receiptOf(town);
    if (receipt.state !== "gone") throw new Error(JSON.stringify(receipt));
    return receipt;
  });
