import { withDeadline } from "../deadline.ts";
import type { RunOrder } from "../protocol/container/order.ts";
import type { AgentName } from "../protocol/primitives.ts";
import { endLife, refuseLife, seeStopping } from "./container/actions.ts";
import { isOf, RESTARTED } from "./container/hello.ts";
import { answered, isUp } from "./container/rules.ts";
import { prepare, type Job } from "./features.ts";
import type { Delivery } from "./outbox/kind.ts";
import { must, peer } from "./outbox/peer.ts";
import { complete, type Plan } from "./plan.ts";
import type { ContainerPort } from "./ports.ts";
import { cancelRun } from "./runs/actions.ts";
import { getOpenRun, type RunRow, RUNS } from "./runs/rows.ts";
import { setBack } from "./set-back.ts";
import { readContainer, type Tx } from "./tx.ts";

/** What a dispatch may use. */
interface Dispatching extends Delivery {
  /** Founds an agent's room. */
  found(agent: AgentName): Promise<void>;
}

/** The longest reason that is kept of an order that failed. */
const REASON_LENGTH = 500;

/** Gives a job its run and hands that to the container. Every way in which it fails is stored with its reason. */
export const dispatch = async (job: Job, given: Dispatching): Promise<void> => {
  const { ports, commit } = given;
  const plan = commit((tx) => prepare(tx, job));
  if (plan === null) throw new Error(`the job ${JSON.stringify(job)} could not be prepared`);
  try {
    const order = plan.kind === "order" ? plan.order : await introduce(plan, given);
    if (!commit((tx) => mayOrder(tx, plan))) return;
    const { boot } = readContainer(ports.kv);
    const taken = await withDeadline(ports.container.order(plan.life, order), ports.config.startDeadlineMs);
    commit((tx) => apply(tx, plan, taken, boot));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    commit((tx) => {
      const run = getOpenRun(tx, plan.run);
      if (run !== null) fail(tx, run, `It could not be started: ${reason}`);
    });
  }
};

/** Founds the agent's room where it isn't yet, tells it of the run, and completes the order. */
const introduce = async (
  { draft, agent }: Extract<Plan, { kind: "turn" }>,
  given: Dispatching,
): Promise<RunOrder> => {
  const { agents } = given.ports;
  const { runId: run, fence, message, role, process } = draft;
  if (!agent.isFounded) await given.found(agent.name);
  must(await peer(agents.tell(agent.name, { kind: "begin", run, fence, message })));
  const history = agent.isNewProcess ? must(await peer(agents.history(agent.name))) : [];
  const token = await given.ports.mintToken(agent.name, role, process);
  return complete(draft, { history, token });
};

/** The last look before the container is addressed: whether the run is still what it was. */
const mayOrder = (tx: Tx, plan: Plan): boolean => {
  const run = getOpenRun(tx, plan.run);
  if (run === null) return false;
  if (run.cancelling === 1) {
    setBack(tx, run, { kind: "failed", reason: "It was cancelled before it began.", again: false });
    return false;
  }
  if (tx.container.life !== plan.life || !isUp(tx.container)) {
    setBack(tx, run, { kind: "lost", reason: "The container ended before it began." });
    return false;
  }
  tx.setContainer({ addressed: true });
  return true;
};

type Answer = Awaited<ReturnType<ContainerPort["order"]>>;

const applyRefusal = (
  tx: Tx,
  { life, run: number }: Plan,
  { why, truth, reason }: Extract<Answer, { taken: false }>,
): void => {
  if (why === "no-room") {
    refuseLife(tx, life, reason);
    return;
  }
  if (!truth.running) endLife(tx, life, truth);
  const run = getOpenRun(tx, number);
  if (run === null) return;
  if (why === "stopping") {
    seeStopping(tx, life);
    setBack(tx, run, { kind: "lost", reason: "The container was stopped before it began." });
  } else fail(tx, run, reason);
};

/** What the container answered. `boot` is the one that was known when it was asked. */
const apply = (tx: Tx, plan: Plan, taken: Answer, boot: string | null): void => {
  if (!taken.taken) {
    applyRefusal(tx, plan, taken);
    return;
  }
  const run = getOpenRun(tx, plan.run);
  if (run === null) return;
  if (tx.container.life === plan.life) tx.container = answered(tx.container, tx.now);
  const taker = taken.boot ?? null;
  const isReplaced = tx.container.boot !== boot && !isOf(taker, tx.container.boot);
  if (isReplaced && run.state === "starting") {
    // By one that has said meanwhile what runs in it, and this doesn't.
    setBack(tx, run, { kind: "lost", reason: RESTARTED });
    return;
  }
  tx.set(RUNS, plan.run, {
    boot: taker,
    ...(run.state === "starting" && { state: "live", started_at: tx.now }),
  });
  // Asked for while the order was on its way: the container knows the run only now.
  if (run.cancelling === 1) cancelRun(tx, run);
};

const fail = (tx: Tx, run: RunRow, reason: string): void =>
  setBack(tx, run, { kind: "failed", reason: reason.slice(0, REASON_LENGTH), again: true });
