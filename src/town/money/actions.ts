import { AGENTS } from "../agents/rows.ts";
import { getBead, setBead } from "../beads/rows.ts";
import { note } from "../diary/actions.ts";
import { Refusal } from "../../protocol/problem.ts";
import { addUsage, type Usage } from "../../protocol/usage.ts";
import type { Admission, Caller, Settlement } from "../../rooms/town.ts";
import { first } from "../../sql.ts";
import { getOpenRun, RUNS, type RunRow } from "../runs/rows.ts";
import { modelOf } from "../settings/model.ts";
import type { Tx } from "../tx.ts";
import { CALLS } from "./rows.ts";
import { usageOf, type UsageColumns } from "./usage.ts";

/**
 * The live run of an agent's process.
 *
 * @throws Refusal `forbidden` for a process that is over or has no live run: its token is worth nothing
 */
export const actingRun = (tx: Tx, caller: Caller): RunRow => {
  const agent = tx.get(AGENTS, caller.agent);
  const run = agent?.process === caller.process && agent.run !== null ? getOpenRun(tx, agent.run) : null;
  if (run === null) throw new Refusal("forbidden", "This agent has no live run.");
  return run;
};

const plus = (row: UsageColumns, usage: Usage): UsageColumns => {
  const sum = addUsage(usageOf(row), usage);
  return { calls: sum.calls, input_tokens: sum.inputTokens, output_tokens: sum.outputTokens };
};

/** Counts what a call used on its run, bead, agent and town. */
const count = (tx: Tx, run: RunRow, usage: Usage): void => {
  tx.set(RUNS, run.number, plus(run, usage));
  const bead = getBead(tx, run.bead);
  if (bead !== null) setBead(tx, bead.number, plus(bead, usage));
  const agent = run.agent === null ? null : tx.get(AGENTS, run.agent);
  if (agent !== null) tx.set(AGENTS, agent.name, plus(agent, usage));
  tx.town.usage = addUsage(tx.town.usage, usage);
};

/** What a call under way counts for until it is settled: calls side by side can't slip under the cap. */
const RESERVED_TOKENS = 8192;
/** A call that was never settled reserves no more: the Worker that made it is gone. */
const RESERVED_MS = 900_000;

const reserved = (tx: Tx): number =>
  RESERVED_TOKENS *
  (first<{ n: number }>(tx.sql, "SELECT COUNT(*) AS n FROM calls WHERE at > ?", tx.now - RESERVED_MS)?.n ??
    0);

/**
 * Admits one model call: counted now, so that a connection that is cut doesn't hide it; its tokens are
 * added when it is settled.
 *
 * @throws Refusal `over-limit` at the town's cap, before anything is sent · `conflict` without a model
 */
export const admitCall = (tx: Tx, caller: Caller): Admission => {
  const run = actingRun(tx, caller);
  const model = modelOf(tx);
  if (model === null) throw new Refusal("conflict", "No model is configured for this town.");
  const { usage, tokenCap } = tx.town;
  const used = usage.inputTokens + usage.outputTokens;
  if (tokenCap !== null && used + reserved(tx) >= tokenCap)
    throw new Refusal("over-limit", `This town has used its ${tokenCap} tokens.`);
  const call = tx.world.newId();
  tx.add(CALLS, { id: call, run: run.number, at: tx.now });
  count(tx, run, { calls: 1, inputTokens: 0, outputTokens: 0 });
  return { call, baseUrl: model.baseUrl, model: model.model, key: model.key };
};

/**
 * Says in the diary that the model's service refuses, once per run and answer: agents repeat such calls
 * silently, and only here can a person see why nothing happens.
 */
const sayTrouble = (tx: Tx, run: RunRow, status: number): void => {
  if (status >= 200 && status < 400) return;
  const said =
    status === 0 ? "The model's service can't be reached." : `The model's service answered ${status}.`;
  if (run.state === "ended" || run.reason === said) return;
  tx.set(RUNS, run.number, { reason: said });
  note(tx, "trouble", said, { bead: run.bead, agent: run.agent });
};

/** Adds what a call used to its run, bead, agent and town; a call is settled once. */
export const settleCall = (tx: Tx, settlement: Settlement): void => {
  const call = tx.get(CALLS, settlement.call);
  const run = call === null ? null : tx.get(RUNS, call.run);
  if (run === null) return;
  tx.sql.run("DELETE FROM calls WHERE id = ?", settlement.call);
  sayTrouble(tx, run, settlement.status);
  count(tx, run, {
    calls: 0,
    inputTokens: settlement.inputTokens,
    outputTokens: settlement.outputTokens,
  });
};
