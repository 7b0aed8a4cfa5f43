import type { Scheduler } from "../scheduler.ts";
import type { Caller } from "./caller.ts";

/** A request that can get lost, late or doubled, and so can its answer. */
export interface Request {
  readonly from: Caller | null;
  readonly label: string;
  /** Whether the other side takes anything now. */
  open(): boolean;
  /** The other side's work. What it answers with goes back through {@link answer}. */
  arrive(answer: Answer): void;
}

/** Exactly once: `version` is the other side's, which must be durable before its answer is out. */
export type Answer = (result: Result, gate?: () => void) => void;

export type Result =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: Error };

export const failed = (message: string): Result => ({ ok: false, error: new Error(message) });

/**
 * Sends a request and waits for its answer: two points of the schedule, each of which somebody may be
 * lost at. An instance that was lost before its last writes were durable has sent nothing.
 */
export const exchange = (scheduler: Scheduler, request: Request): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { from, label } = request;
    const storage = from?.storage ?? null;
    const version = storage?.version ?? 0;
    const back = (result: Result, gate: () => void = () => {}): void => {
      scheduler.add({
        label: `${result.ok ? "answer" : `error (${result.error.message})`} ${label}`,
        open: () => from === null || !from.isAlive || !from.isGated(),
        run: () => {
          gate();
          if (from !== null && !from.isAlive) return;
          if (result.ok) resolve(result.value);
          else reject(result.error);
        },
        lose: result.ok ? () => back(failed("the connection was lost")) : null,
      });
    };
    scheduler.add({
      label,
      open: () => request.open(),
      run: () => {
        storage?.flush(version);
        request.arrive(back);
      },
      lose: () => back(failed("the connection was lost")),
    });
  });
