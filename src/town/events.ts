import { free, loseProcess } from "./agents/actions.ts";
import { applySaved, applyWork } from "./beads/turned.ts";
import { applyGate, applyIntent, applyMerge } from "./merges/actions.ts";
import { endMessage, requeueMessage } from "./messages/actions.ts";
import type { TownDown, TownEvent, TurnResult } from "../protocol/container/town-up.ts";
import { applyCheck } from "./rigs/actions.ts";
import { closeRun } from "./runs/actions.ts";
import { getOpenRun, type RunRow } from "./runs/rows.ts";
import type { Tx } from "./tx.ts";

/**
 * What the container tells. Hooks are one-way: nothing here calls the container, and whatever carries
 * a fence that is not the open run's changes nothing.
 */
export const applyEvent = (tx: Tx, event: TownEvent): TownDown | null => {
  switch (event.type) {
    case "process":
      if (event.state === "down") loseProcess(tx, event.agent, event.process, event.reason);
      return null;
    case "saved":
      applySaved(tx, event);
      return null;
    case "checked":
    case "turned":
    case "gate":
    case "intent":
    case "merged": {
      const run = getOpenRun(tx, event.fence);
      return run === null ? null : applyToRun(tx, run, event);
    }
  }
};

type RunEvent = Extract<TownEvent, { fence: number }>;

const reasonOf = (result: object): string | null =>
  "reason" in result && typeof result.reason === "string" ? result.reason : null;

const applyToRun = (tx: Tx, run: RunRow, event: RunEvent): TownDown | null => {
  switch (event.type) {
    case "checked":
      if (run.kind !== "check" || run.rig === null) return null;
      closeRun(tx, run, event.result.outcome, null);
      applyCheck(tx, run.rig, event.result);
      return null;
    case "turned":
      if (run.kind === "turn") applyTurn(tx, run, event.result);
      return null;
    case "gate":
      applyGate(tx, run, event.result);
      return null;
    case "intent":
      return applyIntent(tx, run, event);
    case "merged":
      if (run.kind !== "merge") return null;
      closeRun(tx, run, event.result.outcome, reasonOf(event.result));
      applyMerge(tx, run, event.result);
      return null;
  }
};

const applyTurn = (tx: Tx, run: RunRow, result: TurnResult): void => {
  closeRun(tx, run, result.outcome, reasonOf(result));
  if (run.agent !== null) {
    const reason = result.outcome === "failed" ? result.reason : null;
    free(tx, run.agent, run.number, { reason, keepsProcess: true });
  }
  if (run.bead !== null) {
    applyWork(tx, run, result);
    return;
  }
  switch (result.outcome) {
    case "failed":
      requeueMessage(tx, run, result.reason, result.again);
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
