import type { TownDown, TownEvent, TownUp } from "../protocol/container/town-up.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { applyMerge, applyWork } from "./beads.ts";
import { answered } from "./container.ts";
import { endMessage, requeueMessage } from "./messages.ts";
import { applyCheck } from "./rigs.ts";
import { closeRun } from "./close-run.ts";
import { isOf, RESTARTED, setBack } from "./runs.ts";
import { numberOf, runId, type RunRow } from "./rows.ts";
import type { Tx } from "./tx.ts";

/**
 * What the container tells. Hooks are one-way: nothing here calls the container, and whatever carries
 * a fence that is not the open run's changes nothing.
 */

/** The first word of a connection. Runs of another boot are lost; runs that we don't know are ended. */
export const applyHello = (
  tx: Tx,
  hello: Extract<TownUp, { type: "hello" }>,
  retryBaseMs: number,
): TownDown | "stale" => {
  const { container } = tx;
  if (hello.life !== container.life || container.state === "asleep") return "stale";
  const there = new Set(hello.runs.map((run) => run.runId));
  for (const run of tx.openRuns()) {
    if (there.has(runId(run.number))) {
      if (run.state === "starting")
        tx.setRun(run.number, { state: "live", started_at: tx.now, boot: hello.boot });
      // The boot that took a run owes its result, so what that boot doesn't list is only done or on its
      // way there. Another boot knows nothing of it.
    } else if (run.state === "live" && !isOf(run.boot ?? container.boot, hello.boot))
      setBack(tx, run, { kind: "lost", reason: RESTARTED }, retryBaseMs);
  }
  const taken = container.boot === hello.boot ? container.taken : 0;
  tx.setContainer({ boot: hello.boot, taken, lostAt: null });
  tx.container = answered(tx.container, tx.now);
  const open = new Set(tx.openRuns().map((run) => runId(run.number)));
  return {
    type: "welcome",
    version: PROTOCOL_VERSION,
    after: taken,
    cancel: [...there].filter((run) => !open.has(run)),
  };
};

/** Whether an event is new: each is taken once, in order. */
export const isNewEvent = (tx: Tx, boot: string, n: number): boolean =>
  tx.container.boot === boot && n > tx.container.taken;

const runOf = (tx: Tx, event: { runId: string; fence: number }): RunRow | null => {
  const run = tx.openRun(numberOf(event.runId));
  return run !== null && run.number === event.fence ? run : null;
};

/** Applies one event; may answer it. */
export const applyEvent = (tx: Tx, event: TownEvent, retryBaseMs: number): TownDown | null => {
  switch (event.type) {
    case "checked": {
      const run = runOf(tx, event);
      if (run === null || run.kind !== "check" || run.rig === null) return null;
      closeRun(tx, run, event.result.outcome, null);
      applyCheck(tx, run.rig, event.result);
      return null;
    }
    case "turned": {
      const run = runOf(tx, event);
      if (run !== null && run.kind === "turn") applyTurn(tx, run, event.result, retryBaseMs);
      return null;
    }
    case "gate": {
      const run = runOf(tx, event);
      if (run === null || run.bead === null) return null;
      tx.sql.run(
        `INSERT INTO gates (bead, run, n, result)
         VALUES (?, ?, (SELECT COUNT(*) FROM gates WHERE bead = ? AND run = ?), ?)`,
        run.bead,
        run.number,
        run.bead,
        run.number,
        JSON.stringify(event.result),
      );
      tx.setBead(run.bead, {});
      return null;
    }
    case "intent": {
      const run = runOf(tx, event);
      const bead = run?.bead === null || run === null ? null : tx.bead(run.bead);
      if (bead === null || bead.status !== "in_review") return null;
      tx.setBead(bead.number, { intent_commit: event.commit, intent_onto: event.onto });
      return { type: "recorded", runId: event.runId, commit: event.commit };
    }
    case "merged": {
      const run = runOf(tx, event);
      if (run === null || run.kind !== "merge") return null;
      closeRun(tx, run, event.result.outcome, "reason" in event.result ? event.result.reason : null);
      applyMerge(tx, run, event.result, retryBaseMs);
      return null;
    }
    case "process":
      applyProcess(tx, event.agent, event.process, event.state, event.reason);
      return null;
    case "saved": {
      const bead = tx.bead(numberOf(event.bead));
      if (bead === null) return null;
      tx.sql.run("INSERT OR IGNORE INTO branches (rig, branch) VALUES (?, ?)", bead.rig, event.branch);
      tx.note("work", `Work in progress of ${event.bead} was saved on ${event.branch}.`, {
        rig: bead.rig,
        bead: bead.number,
      });
      return null;
    }
  }
};

const applyTurn = (
  tx: Tx,
  run: RunRow,
  result: Extract<TownEvent, { type: "turned" }>["result"],
  retryBaseMs: number,
): void => {
  closeRun(tx, run, result.outcome, "reason" in result ? result.reason : null);
  const agent = run.agent === null ? null : tx.agent(run.agent);
  if (agent !== null && agent.run === run.number) {
    const failed = result.outcome === "failed";
    // A polecat's process ends with its bead; the mayor's waits for the next message.
    const waits = agent.role === "mayor" && agent.process !== null;
    tx.setAgent(agent.name, {
      status: waits ? "waiting" : "idle",
      reason: failed ? result.reason : null,
      run: null,
      ...(waits ? {} : { process: null, process_life: null }),
      since: tx.now,
    });
  }
  if (run.bead !== null) {
    applyWork(tx, run, result, retryBaseMs);
    return;
  }
  switch (result.outcome) {
    case "failed":
      requeueMessage(tx, run, result.reason, result.again, retryBaseMs);
      return;
    case "cancelled":
      endMessage(tx, run, "cancelled", null);
      return;
    case "talked":
    case "done":
    case "no-commit":
      endMessage(tx, run, "done", null);
  }
};

const applyProcess = (
  tx: Tx,
  name: AgentName,
  process: string,
  state: "up" | "down",
  reason: string | null,
): void => {
  const agent = tx.agent(name);
  if (agent === null || agent.process !== process || state === "up") return;
  // A live run's own result says how it ended; here only a process that had nothing to do goes.
  if (agent.run !== null) return;
  tx.setAgent(name, { status: "idle", process: null, process_life: null, reason, since: tx.now });
};
