import { mintPolecat, nextProcess, occupy } from "../agents/actions.ts";
import { AGENTS } from "../agents/rows.ts";
import { beadId } from "../ids.ts";
import type { Plan } from "../plan.ts";
import { RIGS } from "../rigs/rows.ts";
import { rigOrder } from "../rigs/view.ts";
import type { OpenRun } from "../runs/facts.ts";
import { startRun } from "../runs/start.ts";
import { runtimeOf } from "../settings/model.ts";
import type { Tx } from "../tx.ts";
import { polecatPrompt } from "./prompt.ts";
import { getBead, setBead } from "./rows.ts";
import { branchOf } from "./rules.ts";
import { beadJobs, type BeadJob } from "./waiting.ts";

/** A bead that waits for a polecat. */
export type WorkJob = BeadJob<"work">;

export const workJobs = beadJobs("work", "open");

export const mayWork = (runs: readonly OpenRun[], { bead }: WorkJob, polecatCap: number): boolean =>
  !runs.some((run) => run.bead === bead) &&
  runs.filter((run) => run.kind === "turn" && run.bead !== null).length < polecatCap;

export const prepareWork = (tx: Tx, job: WorkJob): Plan | null => {
  const bead = getBead(tx, job.bead);
  const rig = bead === null ? null : tx.get(RIGS, bead.rig);
  if (bead === null || rig === null || bead.status !== "open") return null;
  const name = bead.assignee ?? mintPolecat(tx);
  const agent = tx.get(AGENTS, name);
  const id = beadId(bead.number);
  const branch = branchOf(tx.world.charter.town, bead.number);
  const process = nextProcess(tx);
  const run = startRun(tx, "work", `work on ${id}`, {
    kind: "turn",
    agent: name,
    process,
    rig: rig.name,
    bead: bead.number,
  });
  setBead(tx, bead.number, { status: "in_progress", assignee: name, retry_at: null });
  const runtime = runtimeOf(tx);
  occupy(tx, name, { run: run.number, process, runtime, bead: bead.number });
  return {
    kind: "turn",
    run: run.number,
    life: run.life,
    draft: {
      ...run.order,
      kind: "turn",
      agent: name,
      role: "polecat",
      process,
      runtime,
      prompt: polecatPrompt(bead, rig),
      message: null,
      work: { rig: rigOrder(rig), bead: id, title: bead.title, branch, attempt: bead.attempts + 1 },
    },
    agent: { name, isFounded: agent?.founded === 1, isNewProcess: false },
  };
};
