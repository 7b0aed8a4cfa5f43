import { loseProcesses } from "../agents/actions.ts";
import { note } from "../diary/actions.ts";
import { backoffMs } from "../../lifecycle/backoff.ts";
import type { ContainerTruth } from "../../rooms/container.ts";
import { openRuns } from "../runs/rows.ts";
import { setBack } from "../set-back.ts";
import type { Tx } from "../tx.ts";
import { ended, isMuchTooLate, isUp, judgeLease, refused, stopping } from "./rules.ts";
import { touch } from "./touches.ts";

/** The longest wait between two kills of a container that is out of reach. */
const KILL_AGAIN_MS = 300_000;

/** Its lease is due: extended by a fresh ping, else the life is lost. */
export const lookAtLease = (tx: Tx, lastPingAt: number | null): void => {
  const { leaseDueAt } = tx.container;
  if (leaseDueAt === null) return;
  const verdict = judgeLease(leaseDueAt, lastPingAt, tx.config.leaseMs, tx.now);
  if (verdict.kind === "extend") tx.setContainer({ leaseDueAt: verdict.until });
  else loseLife(tx, "The container was not heard of any more.", tx.now);
};

/** Its socket stayed away for the whole grace. */
export const lookAtSocket = (tx: Tx): void => {
  const { lostAt } = tx.container;
  const { graceMs } = tx.config;
  if (lostAt === null) return;
  if (isMuchTooLate(lostAt + graceMs, graceMs, tx.now)) tx.setContainer({ lostAt: tx.now });
  else loseLife(tx, "The container's connection was lost.", tx.now);
};

/** It is about to get SIGTERM. @returns the life that is meant */
export const beginStop = (tx: Tx, why: string): number => {
  tx.container = stopping(tx.container, why, tx.now + tx.config.stopDeadlineMs, tx.now);
  touch(tx, "stop");
  note(tx, "life", `The container is stopped. ${why}`);
  return tx.container.life;
};

/** It is being stopped, and not by us: its end is waited for as if we had asked, and nothing more is ordered. */
export const seeStopping = (tx: Tx, life: number): void => {
  if (tx.container.life !== life || !isUp(tx.container)) return;
  const why = "It is being stopped from outside.";
  tx.container = stopping(tx.container, why, tx.now + tx.config.stopDeadlineMs, tx.now);
  note(tx, "trouble", "The container is being stopped, and not by the town.");
};

/** It is about to get SIGKILL. @returns the life that is meant */
export const beginKill = (tx: Tx): number => {
  const { killAt, kills, since, life } = tx.container;
  const { stopDeadlineMs } = tx.config;
  // Again after a while, should the kill itself fail; said once, for the diary is short.
  const again = backoffMs(kills, { baseMs: stopDeadlineMs, maxMs: KILL_AGAIN_MS });
  tx.setContainer({ killAt: tx.now + Math.max(again, stopDeadlineMs), kills: kills + 1 });
  touch(tx, "kill");
  if (kills === 0) {
    const why = killAt === since ? "is killed, should it still run" : "did not stop when asked and is killed";
    note(tx, "trouble", `The container ${why}.`);
  }
  return life;
};

/** No container could be had for a life that was to begin: what it was for waits. */
export const refuseLife = (tx: Tx, life: number, cause: string): void => {
  if (tx.container.life !== life || !isUp(tx.container)) return;
  const reason = `No container can be had at the moment. It is tried again by itself. (${cause})`;
  tx.container = refused(tx.container, reason, tx.now);
  for (const run of openRuns(tx)) setBack(tx, run, { kind: "no-room", reason });
  loseProcesses(tx);
  if (tx.container.refusals === 1) note(tx, "trouble", reason);
};

const loseAll = (tx: Tx, reason: string): void => {
  for (const run of openRuns(tx)) setBack(tx, run, { kind: "lost", reason });
  loseProcesses(tx);
};

/** Its runs are lost, and it is killed at `killAt`, should it run then. */
const loseLife = (tx: Tx, reason: string, killAt: number): void => {
  if (!isUp(tx.container)) return;
  note(tx, "trouble", `${reason} What it was doing goes back.`);
  tx.container = stopping(tx.container, reason, killAt, tx.now);
  loseAll(tx, reason);
};

/** It can't be worked with. It hears that by itself, and has until the stop deadline to save what it has. */
export const giveUp = (tx: Tx, reason: string): void =>
  loseLife(tx, reason, tx.now + tx.config.stopDeadlineMs);

/** A life of the container is over. Told twice, or of an older life, it changes nothing. */
export const endLife = (tx: Tx, life: number, exit: Extract<ContainerTruth, { running: false }>): void => {
  if (tx.container.life !== life || tx.container.state === "asleep") return;
  const asked = tx.container.state === "stopping";
  const reason = `The container ended (${exit.reason}).`;
  tx.container = ended(tx.container, exit, tx.now);
  loseAll(tx, reason);
  note(tx, asked ? "life" : "trouble", asked ? "The container sleeps." : reason);
};
