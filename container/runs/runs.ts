import type { RunOrder } from "../../src/protocol/container/order.ts";
import type { OfRun } from "../link/town-link.ts";
import { Admissions, subjectOf } from "./admission.ts";
import { type Ending, RunEnded } from "./ending.ts";

/**
 * What became of an order. Only `taken` (again, or for the first time) is a promise that the Town
 * will hear of the run.
 */
export type Taken = "taken" | "stale" | "stopping";

/** Carries out one order to its end and tells the Town its result, once, if it came to one; never rejects. */
export type CarryOut = (order: RunOrder, signal: AbortSignal) => Promise<void>;

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Live {
  readonly order: RunOrder;
  readonly controller: AbortController;
  readonly over: Promise<void>;
}

/** The runs of this life: each is carried out once, and ended when it should be. */
export class Runs {
  readonly #carryOut: CarryOut;
  readonly #admissions = new Admissions();
  readonly #live = new Map<string, Live>();
  /** Cancelled before their order came: a delayed order then ends at once. */
  readonly #cancelledEarly = new Set<string>();
  #stopping = false;

  constructor(carryOut: CarryOut) {
    this.#carryOut = carryOut;
  }

  /** The runs whose result has not been told yet. */
  live(): OfRun[] {
    return [...this.#live.values()].map(({ order: { runId, fence } }) => ({ runId, fence }));
  }

  take(order: RunOrder): Taken {
    if (this.#stopping) return "stopping";
    const admission = this.#admissions.admit(order);
    if (admission !== "new") return admission === "known" ? "taken" : "stale";
    const before = [...this.#live.values()].filter((run) => subjectOf(run.order) === subjectOf(order));
    for (const run of before) end(run, "superseded");
    const controller = new AbortController();
    const run: Live = {
      order,
      controller,
      over: this.#run(order, controller, Promise.all(before.map(({ over }) => over))),
    };
    this.#live.set(order.runId, run);
    if (this.#cancelledEarly.delete(order.runId)) end(run, "cancelled");
    return "taken";
  }

  /** Ends a run as cancelled; `fence`: only if it is the run's. */
  cancel(runId: string, fence?: number): void {
    const run = this.#live.get(runId);
    if (run && (fence === undefined || fence === run.order.fence)) end(run, "cancelled");
    else if (!this.#admissions.knows(runId)) this.#cancelledEarly.add(runId);
  }

  /** Takes no more orders and ends all runs; resolves when each has told its result. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const runs = [...this.#live.values()];
    for (const run of runs) end(run, "stopping");
    await Promise.all(runs.map(({ over }) => over));
  }

  async #run(order: RunOrder, controller: AbortController, before: Promise<unknown>): Promise<void> {
    const limit = Math.min(order.maxMs, MAX_TIMER_MS);
    const deadline = setTimeout(() => controller.abort(new RunEnded("deadline")), limit);
    await before;
    await this.#carryOut(order, controller.signal);
    clearTimeout(deadline);
    this.#live.delete(order.runId);
  }
}

const end = ({ controller }: Live, ending: Ending): void => controller.abort(new RunEnded(ending));
