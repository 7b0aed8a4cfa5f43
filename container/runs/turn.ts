import type { TurnOrder } from "../../src/protocol/container/order.ts";
import type { TownEvent, TurnResult } from "../../src/protocol/container/town-up.ts";
import type { Agents } from "../agents/agents.ts";
import { type AgentFolders, makeBoundary, makeFolders, removeFolders } from "../agents/folders.ts";
import { Translator } from "../agents/translator.ts";
import { judge, type Verdict } from "../agents/verdict.ts";
import type { AgentLink } from "../link/agent-link.ts";
import { head } from "../text/clip.ts";
import { endingOf } from "./ending.ts";
import { broken } from "./failure.ts";
import type { Checkout, GitWork } from "../git/git-work.ts";

const MAX_SUMMARY = 2000;
/** How long saving may take when the container stops. */
const SAVE_MS = 10_000;

/** What one turn is made of. */
export interface TurnPorts {
  readonly git: GitWork;
  readonly agents: Pick<Agents, "turn" | "end">;
  readonly link: Pick<AgentLink, "tell">;
  readonly folders: AgentFolders;
  readonly send: (event: TownEvent) => void;
  readonly log: (line: string) => void;
}

type Work = NonNullable<TurnOrder["work"]>;
type Worker = TurnOrder & { readonly work: Work };

/**
 * The agent's part. Returns how its turn ended, and what it said last.
 *
 * @throws the reason of `signal` if it was ended, whatever the agent says of it: one that is
 * interrupted while it waits for its model may well answer that it has finished
 */
const prompt = async (order: TurnOrder, ports: TurnPorts, signal: AbortSignal) => {
  const translator = new Translator(order.runId);
  const run = { runId: order.runId, fence: order.fence };
  const response = await ports.agents.turn(
    order,
    (update) => {
      const event = translator.translate(update);
      if (event) ports.link.tell(run, event);
    },
    signal,
  );
  signal.throwIfAborted();
  const verdict = judge(response, translator.said);
  return { verdict, summary: head(translator.said.trim(), MAX_SUMMARY) };
};

const unfinished = (verdict: Exclude<Verdict, { verdict: "finished" }>): TurnResult =>
  verdict.verdict === "cancelled"
    ? { outcome: "cancelled" }
    : { outcome: "failed", reason: verdict.reason, again: verdict.again };

const talk = async (order: TurnOrder, ports: TurnPorts, signal: AbortSignal): Promise<TurnResult | null> => {
  try {
    await makeFolders(ports.folders);
    await makeBoundary(ports.folders);
    const { verdict } = await prompt(order, ports, signal);
    return verdict.verdict === "finished" ? { outcome: "talked" } : unfinished(verdict);
  } catch (error) {
    return broken(error, signal, order.maxMs);
  }
};

/** The work of a bead in its checkout; the process ends before its files are looked at. */
const workIn = async (
  checkout: Checkout,
  order: Worker,
  ports: TurnPorts,
  signal: AbortSignal,
): Promise<TurnResult> => {
  const { verdict, summary } = await prompt(order, ports, signal);
  await ports.agents.end(order.agent);
  if (verdict.verdict !== "finished") return unfinished(verdict);
  const { rig, title } = order.work;
  const delivery = await ports.git.deliver(checkout, { rig, title, agent: order.agent }, signal);
  return { ...delivery, summary };
};

/** Pushes what a polecat was about to do, since the disk goes with the container. */
const save = async (checkout: Checkout, { work, agent }: Worker, ports: TurnPorts): Promise<void> => {
  try {
    const saved = await ports.git.save(checkout, work.rig, AbortSignal.timeout(SAVE_MS));
    if (saved) ports.send({ type: "saved", bead: work.bead, ...saved });
  } catch (error) {
    ports.log(`${agent}: the work on ${work.bead} could not be saved: ${(error as Error).message}`);
  }
};

const work = async (order: Worker, ports: TurnPorts, signal: AbortSignal): Promise<TurnResult | null> => {
  const { rig, branch } = order.work;
  let checkout: Checkout | null = null;
  try {
    await makeFolders(ports.folders);
    checkout = await ports.git.checkout({ rig, branch, directory: ports.folders.work }, signal);
    return await workIn(checkout, order, ports, signal);
  } catch (error) {
    return broken(error, signal, order.maxMs);
  } finally {
    await ports.agents.end(order.agent);
    if (checkout && endingOf(signal) === "stopping") await save(checkout, order, ports);
    await removeFolders(ports.folders).catch((error: Error) => {
      ports.log(`${order.agent}: its folder could not be removed: ${error.message}`);
    });
  }
};

/**
 * One turn of an agent: a talk, or the work on a bead from its checkout to the pushed commit.
 *
 * @returns `null` if the run is lost with the container
 */
export const carryOutTurn = (
  order: TurnOrder,
  ports: TurnPorts,
  signal: AbortSignal,
): Promise<TurnResult | null> =>
  order.work === null ? talk(order, ports, signal) : work({ ...order, work: order.work }, ports, signal);
