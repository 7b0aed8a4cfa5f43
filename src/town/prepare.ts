import type { Config } from "../config.ts";
import type { RunOrder, RuntimeOrder } from "../protocol/container/order.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { mintPolecat } from "./agents.ts";
import { isUp, wakeUp } from "./container.ts";
import type { Job } from "./facts.ts";
import { messageById } from "./messages.ts";
import { mayorPrompt, polecatPrompt } from "./prompt.ts";
import type { ModelSettings, TownCharter } from "./ports.ts";
import { rigOrder } from "./rigs.ts";
import { openRun, type NewRun } from "./runs.ts";
import { beadId, runId } from "./rows.ts";
import type { Tx } from "./tx.ts";

/** A run that is about to be handed to the container. */
export interface Plan {
  readonly run: number;
  readonly life: number;
  readonly order: RunOrder;
  /** For turns: the agent that must be told first. */
  readonly agent: {
    readonly name: AgentName;
    readonly founded: boolean;
    readonly message: string | null;
    readonly newProcess: boolean;
  } | null;
}

export interface Preparing {
  readonly charter: TownCharter;
  readonly config: Config;
  readonly model: ModelSettings | null;
  newId(): string;
}

/**
 * Turns a job into a run: everything that must be remembered is written here, before anybody is
 * addressed. `null`: the job is no more what it was.
 */
export const prepare = (tx: Tx, job: Job, given: Preparing): Plan | null => {
  switch (job.kind) {
    case "check": {
      const rig = tx.rig(job.rig);
      if (rig === null || rig.state !== "checking") return null;
      const run = start(tx, given, `check of rig ${rig.name}`, { kind: "check", rig: rig.name });
      return plan(tx, run, { ...common(run, given), kind: "check", rig: rigOrder(rig) }, null);
    }
    case "merge": {
      const bead = tx.bead(job.bead);
      const rig = tx.rig(job.rig);
      if (bead === null || rig === null || bead.status !== "in_review") return null;
      if (bead.commit_id === null || bead.branch === null) return null;
      const run = start(tx, given, `merge of ${beadId(bead.number)}`, {
        kind: "merge",
        rig: rig.name,
        bead: bead.number,
      });
      tx.setBead(bead.number, { retry_at: null });
      const order: RunOrder = {
        ...common(run, given),
        kind: "merge",
        rig: rigOrder(rig),
        bead: beadId(bead.number),
        title: bead.title,
        branch: bead.branch,
        commit: bead.commit_id,
        gates: JSON.parse(rig.gates) as string[],
        gateMaxMs: given.config.gateMaxMs,
        intent:
          bead.intent_commit === null || bead.intent_onto === null
            ? null
            : { commit: bead.intent_commit, onto: bead.intent_onto },
      };
      return plan(tx, run, order, null);
    }
    case "work":
      return prepareWork(tx, job.bead, given);
    case "chat":
      return prepareChat(tx, job.message, given);
  }
};

const prepareWork = (tx: Tx, number: number, given: Preparing): Plan | null => {
  const bead = tx.bead(number);
  const rig = bead === null ? null : tx.rig(bead.rig);
  if (bead === null || rig === null || bead.status !== "open") return null;
  const name = bead.assignee ?? mintPolecat(tx, given.charter, given.newId());
  const agent = tx.agent(name);
  const branch = `curfew/${given.charter.town}/${beadId(number)}`;
  const process = nextProcess(tx);
  const run = start(tx, given, `work on ${beadId(number)}`, {
    kind: "turn",
    agent: name,
    process,
    rig: rig.name,
    bead: number,
  });
  tx.setBead(number, { status: "in_progress", assignee: name, branch, retry_at: null });
  const runtime = runtimeOf(tx, given.model);
  occupy(tx, name, { run, process, runtime, bead: number });
  const order: RunOrder = {
    ...common(run, given),
    kind: "turn",
    agent: name,
    role: "polecat",
    process,
    token: "",
    runtime,
    prompt: polecatPrompt(bead, rig),
    message: null,
    history: [],
    work: {
      rig: rigOrder(rig),
      bead: beadId(number),
      title: bead.title,
      branch,
      attempt: bead.attempts + 1,
    },
  };
  return plan(tx, run, order, {
    name,
    founded: agent?.founded === 1,
    message: null,
    newProcess: false,
  });
};

const prepareChat = (tx: Tx, id: string, given: Preparing): Plan | null => {
  const message = messageById(tx, id);
  const agent = message === null ? null : tx.agent(message.agent);
  if (message === null || agent === null) return null;
  const runtime = runtimeOf(tx, given.model);
  // A process that was started with other settings is replaced: new ones come with the next command.
  const alive =
    agent.process !== null &&
    agent.runtime === JSON.stringify(runtime) &&
    isUp(tx.container) &&
    agent.process_life === tx.container.life;
  const process = alive && agent.process !== null ? agent.process : nextProcess(tx);
  const run = start(tx, given, `message to ${agent.name}`, {
    kind: "turn",
    agent: agent.name,
    process,
    message: id,
  });
  tx.sql.run("UPDATE messages SET run = ?, retry_at = NULL WHERE id = ?", run, id);
  occupy(tx, agent.name, { run, process, runtime, bead: null });
  const order: RunOrder = {
    ...common(run, given),
    kind: "turn",
    agent: agent.name,
    role: agent.role,
    process,
    token: "",
    runtime,
    prompt: mayorPrompt(message.text, {
      newProcess: !alive,
      again: message.attempts > 0,
      commands: runtime.kind === "script",
    }),
    message: id,
    history: [],
    work: null,
  };
  return plan(tx, run, order, {
    name: agent.name,
    founded: agent.founded === 1,
    message: id,
    newProcess: !alive,
  });
};

const plan = (tx: Tx, run: number, order: RunOrder, agent: Plan["agent"]): Plan => ({
  run,
  life: tx.container.life,
  order,
  agent,
});

const common = (run: number, given: Preparing) => ({
  runId: runId(run),
  fence: run,
  maxMs: given.config.runMaxMs,
});

/** Opens the run, writes down the touch, and wakes the container's record if it sleeps. */
const start = (tx: Tx, given: Preparing, reason: string, run: NewRun): number => {
  tx.touch(reason.replace(/ (of rig|of|on|to) .*$/, ""));
  if (!isUp(tx.container)) {
    tx.container = wakeUp(tx.container, `Waking for: ${reason}.`, tx.now);
    tx.note("life", `The container wakes: ${reason}.`);
  } else if (tx.container.lostAt !== null && tx.openRuns().length === 0) {
    // Nobody missed its socket while nothing ran: it has its grace from now on.
    tx.setContainer({ lostAt: tx.now });
  }
  // The container keeps the limit itself; the town's own is later, for a container that doesn't.
  return openRun(tx, run, given.config.runMaxMs + given.config.stopDeadlineMs);
};

const nextProcess = (tx: Tx): string => {
  tx.town.processes += 1;
  return `p${tx.town.processes}`;
};

const occupy = (
  tx: Tx,
  name: AgentName,
  by: {
    readonly run: number;
    readonly process: string;
    readonly runtime: RuntimeOrder;
    readonly bead: number | null;
  },
): void =>
  tx.setAgent(name, {
    status: "working",
    reason: null,
    run: by.run,
    bead: by.bead,
    process: by.process,
    process_life: tx.container.life,
    runtime: JSON.stringify(by.runtime),
    since: tx.now,
  });

/** What the town's setting means now: `auto` is opencode with a model, else the script runtime. */
export const runtimeOf = (tx: Tx, model: ModelSettings | null): RuntimeOrder => {
  const { runtime } = tx.town;
  if (Array.isArray(runtime)) return { kind: "command", command: runtime, model: model?.model ?? null };
  if (runtime === "script" || model === null) return { kind: "script" };
  return { kind: "opencode", model: model.model };
};
