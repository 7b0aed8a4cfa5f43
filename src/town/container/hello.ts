import type { TownDown, TownUp } from "../../protocol/container/town-up.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { runId } from "../ids.ts";
import { openRuns, RUNS } from "../runs/rows.ts";
import { setBack } from "../set-back.ts";
import type { Tx } from "../tx.ts";
import { giveUp } from "./actions.ts";
import { answered } from "./rules.ts";

/** Whether what one boot of the container took is this boot's; of a boot that is unknown nothing can be said. */
export const isOf = (taker: string | null, boot: string | null): boolean => taker === null || taker === boot;

/** Why a run is lost whose boot of the container was replaced by another in the same life. */
export const RESTARTED = "The container was restarted, and the run with it.";

type Hello = Extract<TownUp, { type: "hello" }>;

/** It speaks no version that is spoken here: what it does goes back, and it is stopped. */
export const refuseHello = (tx: Tx, { life, version }: Hello): void => {
  if (life !== tx.container.life) return;
  giveUp(tx, `The container speaks version ${version} of the protocol, which this Curfew doesn't.`);
};

/** The first word of a connection. Runs of another boot are lost; runs that we don't know are ended. */
export const applyHello = (tx: Tx, hello: Hello): TownDown | "stale" => {
  const { container } = tx;
  if (hello.life !== container.life || container.state === "asleep") return "stale";
  const there = new Set(hello.runs.map((run) => run.runId));
  for (const run of openRuns(tx)) {
    if (there.has(runId(run.number))) {
      if (run.state === "starting")
        tx.set(RUNS, run.number, { state: "live", started_at: tx.now, boot: hello.boot });
      // The boot that took a run owes its result, so what that boot doesn't list is only done or on its
      // way there. Another boot knows nothing of it.
    } else if (run.state === "live" && !isOf(run.boot ?? container.boot, hello.boot))
      setBack(tx, run, { kind: "lost", reason: RESTARTED });
  }
  const taken = container.boot === hello.boot ? container.taken : 0;
  tx.setContainer({ boot: hello.boot, taken, lostAt: null, version: hello.version });
  tx.container = answered(tx.container, tx.now);
  const open = new Set(openRuns(tx).map((run) => runId(run.number)));
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
